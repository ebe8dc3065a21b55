"""Batch norm and layer norm in Keras 3 on any backend, at its defaults."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.cases.workload import CLASSES
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._normalization_expected import FAR, FINITE, FINITE_LATER, LEARNING_RATE, far
from embbench.workloads._normalization_network import Convention
from embbench.workloads.normalization import CATEGORIES, COLUMNS, start

CONVENTION = Convention(epsilon=1e-3, kept=0.99, unbiased=False, layer_epsilon=1e-3)

# Seen with Keras 3.15.1 and torch 2.13.0; `tests/bench/keras_batch_norm_variance.py` shows it without embbench.
SQUARES = (
    "on PyTorch, Keras computes the variance of batch norm as E[x^2] - E[x]^2 (`moments` in backend/torch/nn.py). At a "
    "large mean, float32 loses it: it is 0 or below, outputs are 31.6 times too large or not numbers, and the "
    "moving variance may fall below 0. keras#18795 corrected this for TensorFlow and JAX alone"
)


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "KerasNormalization":
    return KerasNormalization(case, drawn, set_up(case))


class NormedModel:
    """A Keras model with a norm. `model` has scores for inputs and one-hot vectors."""

    def __init__(self, case: Case) -> None:
        place = case.norm
        inputs, onehots = keras.Input((case.seq, COLUMNS)), keras.Input((CATEGORIES,))
        made = layers.LayerNormalization if place == "layer_after" else layers.BatchNormalization
        self.norm = None if place == "off" else made()
        self.lstm = layers.LSTM(case.hidden, recurrent_initializer="zeros")  # "orthogonal" is slow; it is overwritten
        self.dense, self.head = layers.Dense(case.hidden), layers.Dense(CLASSES)
        last = self.lstm(inputs)
        if place == "batch_before":
            last = self.norm(last)
        joined = layers.Concatenate()([last, onehots])
        if place in ("batch_after", "layer_after"):
            joined = self.norm(joined)
        dense = self.dense(joined)
        if place == "batch_dense":
            dense = self.norm(dense)
        self.model = keras.Model([inputs, onehots], self.head(layers.ReLU()(dense)))

    def variables(self) -> dict[str, keras.Variable]:
        """By the names of `normalization.start`. Keras stores kernels transposed."""
        found = {
            "w_input0": self.lstm.cell.kernel,
            "w_recurrent0": self.lstm.cell.recurrent_kernel,
            "bias0": self.lstm.cell.bias,
            "dense_weight": self.dense.kernel,
            "dense_bias": self.dense.bias,
            "head_weight": self.head.kernel,
            "head_bias": self.head.bias,
        }
        if self.norm is not None:
            found |= {"norm_scale": self.norm.gamma, "norm_shift": self.norm.beta}
        if isinstance(self.norm, layers.BatchNormalization):
            found |= {"norm_mean": self.norm.moving_mean, "norm_variance": self.norm.moving_variance}
        return found


class KerasNorm:
    """A norm alone."""

    def __init__(self, layer: keras.Layer) -> None:
        self.layer = layer

    def train(self, rows: np.ndarray) -> np.ndarray:
        return ops.convert_to_numpy(self.layer(rows, training=True))

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return ops.convert_to_numpy(self.layer(rows, training=False))

    def moving(self) -> ByName:
        return {
            "norm_mean": ops.convert_to_numpy(self.layer.moving_mean),
            "norm_variance": ops.convert_to_numpy(self.layer.moving_variance),
        }


class KerasNormalization:
    convention = CONVENTION

    def __init__(self, case: Case, drawn: dict[str, np.ndarray], backend: Backend) -> None:
        self.backend, self.made = backend, NormedModel(case)
        self.variables = self.made.variables()
        for name, array in start(case, 1).items():
            self.variables[name].assign(array.T)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.made.model.compile(keras.optimizers.SGD(LEARNING_RATE), loss, jit_compile="auto")
        inputs = [drawn["inputs"], drawn["onehots"]]
        self.fitted = fitted(case, self.made.model, inputs, drawn["labels"].astype(np.int32))
        self.recent: Any = ops.zeros(())

    def restart(self, weights: ByName, rate: float = LEARNING_RATE) -> None:
        for name, array in weights.items():
            self.fitted.assign(self.variables[name], array.T)
        self.fitted.assign(self.made.model.optimizer.learning_rate, np.asarray(rate))

    def step(self) -> None:
        self.recent = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.recent)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        told = {"lstm": self.fitted.kernel(training=True), "jit_compile": str(self.made.model.jit_compile)}
        return {**told, **self.backend.settings()}

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> ByName:
        return {name: self.fitted.value(variable).T for name, variable in self.variables.items()}

    def scores(self, inputs: np.ndarray, onehots: np.ndarray) -> np.ndarray:
        return self.fitted.predict(inputs, onehots)

    def layer(self, kind: str, columns: int, kept: float | None = None) -> KerasNorm:
        if kind == "layer":
            return KerasNorm(layers.LayerNormalization())
        return KerasNorm(layers.BatchNormalization(**({} if kept is None else {"momentum": kept})))

    def known(self) -> dict[str, Deviation]:
        if keras.backend.backend() != "torch":
            return {}
        lost = 1e-3**-0.5
        apart = {far(mean).name: Deviation((-lost, lost), SQUARES) for mean in FAR}
        return apart | {each.name: Deviation((2,), SQUARES) for each in (FINITE, FINITE_LATER)}

    def further_claims(self) -> Iterator[Claim]:
        return iter(())
