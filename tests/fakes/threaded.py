"""The NumPy contender on a made-up GPU: a thread that works while the host goes on."""

import queue
import threading

from embbench.contenders.numpy import DECLARES
from embbench.engines.numpy.trial import NumpyTrial

FILE = """from tests.fakes.threaded import {trial}

DECLARES = {declares!r}


def prepare(case, tokens):
    return {trial}(case, tokens)
"""


def file_of(trial: str = "ThreadedTrial") -> str:
    """The text of a contender's file that has a way to a GPU."""
    return FILE.format(trial=trial, declares={**DECLARES, "devices": ["cpu", "cuda"]})


class ThreadedTrial(NumpyTrial):
    """Its device memory is that of its arrays, and of the table's gradient while a step runs."""

    def __init__(self, case, tokens):
        super().__init__(case, tokens)
        self.work, self.wrong = queue.Queue(), None
        self.held = self.peak = sum(array.nbytes for array in self.arrays())
        threading.Thread(target=self._work, daemon=True).start()

    def arrays(self):
        yield from (self.fixed, self.table, *self.weights.values(), *self.of_table.state.values())
        for each in self.optimizers.values():
            yield from each.state.values()

    def _work(self):
        while True:
            run = self.work.get()
            try:
                run()
            except RuntimeError as error:
                self.wrong = error
            self.work.task_done()

    def _step(self):
        super().step()
        self.peak = max(self.peak, self.held + self.table.nbytes)

    def step(self):
        self.work.put(self._step)

    def sync(self):
        self.work.join()
        if self.wrong is not None:
            raise self.wrong

    def parts(self):
        return {name: lambda run=run: self.work.put(run) for name, run in super().parts().items()}

    def table_alone(self):
        """None: its programs run on the host."""

    def loss(self):
        self.sync()
        return super().loss()

    def read_rows(self, ids):
        self.sync()
        return super().read_rows(ids)

    def write_rows(self, ids, values):
        self.sync()
        super().write_rows(ids, values)

    def inspect(self, ids):
        self.sync()
        return super().inspect(ids)

    def memory(self):
        peak, self.peak = self.peak, self.held
        return {"device_peak": peak}


class Unfenced(ThreadedTrial):
    """Its fence returns at once."""

    def sync(self):
        pass

    def loss(self):
        self.work.join()
        return NumpyTrial.loss(self)

    def read_rows(self, ids):
        self.work.join()
        return NumpyTrial.read_rows(self, ids)


class TooSmall(ThreadedTrial):
    """Its device has no room for the gradient of 4000 rows."""

    def _step(self):
        if len(self.table) > 3000:
            raise RuntimeError(f"CUDA out of memory. Tried to allocate {self.table.nbytes} bytes. GPU 0 has a total")
        super()._step()
