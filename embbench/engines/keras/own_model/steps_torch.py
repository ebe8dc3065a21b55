"""PyTorch below Keras."""

import itertools
from typing import Any

import keras
import numpy as np
from keras import ops


class TorchSteps:
    def __init__(self, model: keras.Model, batches: list[tuple[Any, ...]]) -> None:
        self._model = model
        self._batches = itertools.cycle([keras.tree.map_structure(ops.convert_to_tensor, each) for each in batches])
        model.train()

    def step(self) -> Any:
        return self._model.train_function([next(self._batches)])

    def weights(self) -> list[np.ndarray]:
        return [np.array(ops.convert_to_numpy(each)) for each in self._model.trainable_variables]


STEPS = TorchSteps
