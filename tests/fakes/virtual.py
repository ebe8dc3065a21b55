"""The NumPy contender on the virtual clock: real arithmetic in single precision, scripted costs.

A step takes 1 ms and, where the whole table is updated, another 100 ns for every row.
"""

from embbench.contenders.numpy import DECLARES
from embbench.engines.numpy.trial import NumpyTrial
from tests.fakes.clock import CLOCK

FILE = f"from tests.fakes.virtual import prepare\nDECLARES = {DECLARES!r}\n"


def prepare(case, tokens):
    return VirtualTrial(case, tokens)


class VirtualTrial(NumpyTrial):
    def step(self):
        super().step()
        CLOCK.advance(1e-3 + (1e-7 * self.case.vocab if self.case.update == "default" else 0.0))
