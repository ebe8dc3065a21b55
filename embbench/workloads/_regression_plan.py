"""The network, the optimizer and the samples of the regression, by remedy."""

from itertools import pairwise
from typing import NamedTuple

from embbench.cases.case import Case
from embbench.workloads._dense_plan import ADAM, DenseLayer, DensePlan, OptimizerSetup

COLUMNS = 20
UNITS, FEWER = (32, 128), (8, 8)  # of the two hidden layers
TRAINING, VALIDATION, HELD_OUT = 160, 18, 2000  # samples; validation is the last tenth of the samples
MORE = 16  # times the samples that train
RATES = {"slower": 1e-4, "faster": 1e-2}
L2 = {"l2": 0.01, "strong_l2": 0.1}
DECAY, DROPOUT = 0.01, 0.5


class Spread(NamedTuple):
    """Standard deviations of the inputs' columns, uniform on a logarithmic scale."""

    low: float
    high: float


SPREADS = {"raw_inputs": Spread(0.1, 10.0)}
SCALED = Spread(1.0, 1.0)


def plan_of(case: Case) -> DensePlan:
    widths = (COLUMNS, *(FEWER if case.remedy == "fewer_units" else UNITS), 1)
    layers = tuple(DenseLayer(*pair, relu=pair[1] > 1) for pair in pairwise(widths))
    decay = DECAY if case.remedy == "weight_decay" else 0.0
    setup = OptimizerSetup(ADAM, RATES.get(case.remedy, 1e-3), decay=decay)
    return DensePlan(layers, setup, L2.get(case.remedy, 0.0), DROPOUT if case.remedy == "dropout" else 0.0)
