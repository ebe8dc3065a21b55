"""PyTorch with the whole training step in one CUDA graph: the GPU repeats the recorded kernels on the same memory, and
the host starts them with a single call.

The graph is recorded as PyTorch's notes on CUDA semantics have it for a whole network: after a few steps on a side
stream, from inputs that keep their memory, with optimizers that keep their step counts on the GPU (`capturable`).
"""

from collections.abc import Callable
from typing import Any

import torch

from embbench.cases.capabilities import TablePrograms
from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import operators
from embbench.engines.torch.trial import TorchTrial, implementation, lstm_kernel

STEPS_BEFORE = 3  # libraries make handles and choose kernels in their first calls, which a graph cannot record


class GraphedTrial(TorchTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        """Raises Unsupported."""
        if (
            case.optimizer == "adagrad" and case.update != "fused"
        ):  # beside a frozen table; the declaration has the rest
            raise Unsupported(
                "without fused=True Adagrad counts its steps on the host, where a CUDA graph repeats nothing"
            )
        super().__init__(case, tokens)
        for group in self._groups():
            if "capturable" in group:  # SGD has no step count
                group["capturable"] = True
        self.batch = self.ids[0].clone(), self.labels[0].clone()
        self.graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self._make_states()
        torch.cuda.current_stream().wait_stream(stream)
        with torch.cuda.graph(self.graph, stream=stream):
            self.train(*self.batch)

    def step(self) -> None:
        place = self._next()
        ids, labels = self.batch
        ids.copy_(self.ids[place])
        labels.copy_(self.labels[place])
        self.graph.replay()

    def memory(self) -> dict[str, int]:
        """The allocator's peak, or that of the graph's steps: what lies there now, and the memory that only these steps
        use, which the allocator counts as free as soon as the step is recorded.
        """
        found = super().memory()
        pool = self.graph.pool()
        own = [each for each in torch.cuda.memory_snapshot() if tuple(each["segment_pool_id"]) == tuple(pool)]
        stepping = torch.cuda.memory_allocated() + sum(each["total_size"] - each["allocated_size"] for each in own)
        return {name: max(peak, stepping) for name, peak in found.items()}

    def table_alone(self) -> TablePrograms | None:
        """None: its programs would not be those of the graph."""
        return None

    def parts(self) -> dict[str, Callable[[], None]]:
        """{}: the graph runs as a whole."""
        return {}

    def profile(self, steps: int) -> dict[str, float]:
        """{}: a recorded kernel has no name of the operator that it came from."""
        return {}

    def detect(self) -> dict[str, str]:
        """From steps of a twin that the host starts kernel by kernel: a profile of a graph has no operators."""
        trial = self.twin()
        (optimizer,) = trial.optimizers
        return {
            "lstm": lstm_kernel(operators(lambda: trial.train(*trial.batch))),
            "optimizer": f"{type(optimizer).__name__} {implementation(operators(optimizer.step))}",
            "model": "the whole step in one CUDA graph",
        }

    def _groups(self) -> list[dict[str, Any]]:
        return [group for optimizer in self.optimizers for group in optimizer.param_groups]

    def _make_states(self) -> None:
        """Makes the optimizer's state by steps with a learning rate of 0, which change no weight, and sets the state to
        zeros, as it starts. A graph that made the state would make it again in every step. To save and restore the
        weights was rejected: it needs the memory of three tables more.
        """
        rates = [group["lr"] for group in self._groups()]
        for group in self._groups():
            group["lr"] = 0.0
        for _ in range(STEPS_BEFORE):
            self.train(*self.batch)
        for group, rate in zip(self._groups(), rates, strict=True):
            group["lr"] = rate
        for optimizer in self.optimizers:
            for state in optimizer.state.values():
                for each in state.values():
                    each.zero_()
            optimizer.zero_grad()  # so that the recorded step makes the gradients in the graph's memory
