"""A compiled model that makes steps as `fit` makes them, without callbacks, on any backend."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from embbench.cases.case import Case
from embbench.engines.keras.trial import LossMetric
from embbench.engines.keras.workloads._device import backend_module


class Fitted(ABC):
    """inputs: of the model, each (batches, B, ...). labels: (batches, B). Subclasses know where arrays are kept."""

    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        self.case, self.model = case, model
        tracker = LossMetric()
        self.last = tracker.last
        object.__setattr__(model, "_loss_tracker", tracker)  # the model's own setter would count it twice
        one = [each[0][:1] for each in inputs]
        model._symbolic_build(data_batch=(one[0] if len(one) == 1 else one, labels[0][:1]))
        model.make_train_function()

    @abstractmethod
    def feed(self, batches: Iterator[tuple[Any, Any]]) -> None:
        """Later steps take their (inputs, labels) from here, arrays of the backend, such as batches of other shapes."""

    @abstractmethod
    def step(self) -> Any:
        """On the next batch, in a cycle. Returns an array to wait for."""

    def value(self, variable: keras.Variable) -> np.ndarray:
        """A copy."""
        return np.array(keras.ops.convert_to_numpy(variable))

    def assign(self, variable: keras.Variable, array: np.ndarray) -> None:
        """Sets a variable of the model or its optimizer between two steps."""
        variable.assign(array)

    def predict(self, *inputs: np.ndarray) -> np.ndarray:
        """The model's outputs for all samples at once. inputs: of the model, each (M, ...)."""
        return keras.ops.convert_to_numpy(self.model(as_inputs(inputs), training=False))

    @abstractmethod
    def kernel(self, training: bool) -> str:
        """What computes the LSTM, in a step or in a prediction."""


def fitted(case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> Fitted:
    return backend_module().FITTED(case, model, inputs, labels)


def counted(products: int) -> str:
    return f"{products} matrix product{'' if products == 1 else 's'}"


def as_inputs(batch: Sequence[Any]) -> Any:
    """What a model gets: its only input, or all of them."""
    return batch[0] if len(batch) == 1 else list(batch)
