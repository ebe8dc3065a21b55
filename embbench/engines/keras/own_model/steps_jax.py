"""JAX below Keras: `fit` empties the model's variables and passes their values from step to step."""

import itertools
from typing import Any

import jax
import keras
import numpy as np

KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


class JaxSteps:
    def __init__(self, model: keras.Model, batches: list[tuple[Any, ...]]) -> None:
        self._model = model
        self._batches = itertools.cycle([jax.device_put(each) for each in batches])
        self._state = model._get_jax_state(**dict.fromkeys(KINDS, True), purge_model_variables=True)

    def step(self) -> Any:
        logs, self._state = self._model.train_function(self._state, self._batches)
        return logs, self._state

    def weights(self) -> list[np.ndarray]:
        return [np.array(each) for each in self._state[0]]


STEPS = JaxSteps
