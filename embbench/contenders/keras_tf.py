"""Keras 3 on TensorFlow: its own layers, optimizers and train function, called as `fit` calls it."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.keras.tensorflow_backend import set_up
from embbench.engines.keras.tensorflow_trial import KerasTensorFlowTrial

DECLARES = {
    "summary": "Keras 3 on TensorFlow: own layers, optimizers and train function, as fit runs them",
    "packages": ["tensorflow-cpu|tensorflow", "keras"],
    "environment": {"KERAS_BACKEND": "tensorflow"},
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "base": 7.6e8,
    "start": 12.0,
    "engine_workloads": "keras",
    "engine": "keras/tensorflow",
    "updates": ["default", "jit"],
}


def prepare(case: Case, tokens: Tokens) -> KerasTensorFlowTrial:
    set_up(case)
    return KerasTensorFlowTrial(case, tokens)
