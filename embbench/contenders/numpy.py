"""NumPy: the oracle's own network and optimizers, in the case's dtype. The readable reference."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.numpy.trial import NumpyTrial

DECLARES = {
    "summary": "NumPy: the oracle's network and optimizers",
    "packages": ["numpy"],
    "dtypes": ["float32", "float64"],
    "ids": ["int64", "int32"],
    "tables": ["frozen", "trainable", "hybrid"],
    "workloads": ["classifier", "tagger"],
    "base": 5e7,
    "start": 1.0,
    "engine": "numpy/oracle",
    "updates": ["default", "sparse"],
}


def prepare(case: Case, tokens: Tokens) -> NumpyTrial:
    return NumpyTrial(case, tokens)
