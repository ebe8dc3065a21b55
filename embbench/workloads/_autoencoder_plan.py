"""The network and the optimizer of the autoencoder, by change."""

from embbench.cases.case import Case
from embbench.workloads._dense_plan import ADADELTA, ADAM, SGD, DenseLayer, DensePlan, OptimizerSetup

COLUMNS, CODE = 1000, 50
SETUPS = {
    "asked": OptimizerSetup(ADADELTA, 1.0),
    "own": OptimizerSetup(ADADELTA, 0.0, own=True),
    "rate_0.1": OptimizerSetup(ADADELTA, 0.1),
    "rate_0.001": OptimizerSetup(ADADELTA, 0.001),
    "adam": OptimizerSetup(ADAM, 0.001),
    "adam_0.01": OptimizerSetup(ADAM, 0.01),
    "sgd": OptimizerSetup(SGD, 0.01),
    "sgd_1": OptimizerSetup(SGD, 1.0),
}


def plan_of(case: Case) -> DensePlan:
    encoder = DenseLayer(COLUMNS, CODE, relu=case.change != "linear_code")
    decoder = DenseLayer(CODE, COLUMNS, relu=case.change == "relu_last")
    return DensePlan((encoder, decoder), SETUPS.get(case.change, SETUPS["asked"]))
