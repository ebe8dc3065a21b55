"""Keras 3 on JAX: its own layers, optimizers and train function, called as `fit` calls it."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.keras.jax_backend import set_up
from embbench.engines.keras.jax_trial import KerasJaxTrial

DECLARES = {
    "summary": "Keras 3 on JAX: own layers, optimizers and train function, as fit runs them",
    "packages": ["jax", "jaxlib", "keras"],
    "environment": {"KERAS_BACKEND": "jax"},
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "base": 4.5e8,
    "start": 10.0,
    "engine_workloads": "keras",
    "engine": "keras/jax",
    "updates": ["default", "no_jit"],
}


def prepare(case: Case, tokens: Tokens) -> KerasJaxTrial:
    return KerasJaxTrial(case, tokens, set_up(case).device)
