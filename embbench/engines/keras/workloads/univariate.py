"""A forecast from one number per time step, in Keras 3 on any backend: steps of `fit`, and `evaluate`."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import layers

from embbench.cases.case import Case
from embbench.cases.claim import RAISED, Claim, Deviation, check
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads.univariate import (
    MASKED_APART,
    MASKED_METRIC,
    MASKED_TOGETHER,
    MEANS,
    ONE_ROW,
    PARTIAL,
    RATE,
    REGULARIZED,
    Batched,
    start,
)

QUIET: dict[str, Any] = {"verbose": 0}
HIDDEN = -9.0  # value of a time step that is masked


def prepare(case: Case, batches: Batched) -> "KerasUnivariate":
    return KerasUnivariate(case, batches, set_up(case))


def make_forecast(case: Case) -> keras.Model:
    model = keras.Sequential([keras.Input((case.seq, 1)), layers.LSTM(case.hidden), layers.Dense(1)])
    return model


def load(model: keras.Model, case: Case) -> None:
    """Sets the initial weights. Keras stores kernels transposed."""
    first = start(case)
    model.layers[0].set_weights([first["w_input0"].T, first["w_recurrent0"].T, first["bias0"]])
    model.layers[1].set_weights([first["head_weight"].T, first["head_bias"]])


def weights_of(model: keras.Model, value: Callable[[keras.Variable], np.ndarray]) -> dict[str, np.ndarray]:
    """Copies by name. value: the array of a variable."""
    w_input, w_recurrent, bias, head_weight, head_bias = map(value, model.trainable_variables)
    lstm = {"w_input0": w_input.T, "w_recurrent0": w_recurrent.T, "bias0": bias}
    head = {"head_weight": head_weight.T, "head_bias": head_bias}
    return {name: array.copy() for name, array in {**lstm, **head}.items()}


class KerasUnivariate:
    def __init__(self, case: Case, batches: Batched, backend: Backend) -> None:
        self.case, self.backend = case, backend
        self.model = make_forecast(case)
        load(self.model, case)
        self.model.compile(keras.optimizers.SGD(RATE), "mse")
        self.data = batches["inputs"][0], batches["targets"][0][:, None]
        training = case.task == "train"
        drawn = [batches["inputs"]], batches["targets"][..., None]
        self.fitted = fitted(case, self.model, *drawn) if training else None
        self.waiting: Any = []

    def step(self) -> None:
        if self.fitted is None:
            self.evaluate(self.case.batch)
        else:
            self.waiting = self.fitted.step()

    def evaluate(self, size: int) -> float:
        return self.model.evaluate(*self.data, batch_size=size, **QUIET)

    def sync(self) -> None:
        self.backend.sync(self.waiting)

    def loss(self) -> float:
        assert self.fitted is not None
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> dict[str, np.ndarray]:
        return weights_of(self.model, keras.ops.convert_to_numpy if self.fitted is None else self.fitted.value)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        kernel = {} if self.fitted is None else {"lstm": self.fitted.kernel(training=True)}
        return {**kernel, "jit_compile": str(self.model.jit_compile), **self.backend.settings()}

    def further_claims(self) -> Iterator[Claim]:
        known = {MASKED_APART.name: Deviation((2.5,), MASKED_BY_SAMPLES)}
        if keras.backend.backend() == "tensorflow":
            known[PARTIAL.name] = Deviation((0,), SPREAD)
        yield check(MEANS, _means)
        yield check(MASKED_TOGETHER, lambda: _masked(2)[:1])
        yield check(MASKED_APART, lambda: _masked(1)[:1], known)
        yield check(MASKED_METRIC, lambda: _masked(1)[1:])
        yield check(REGULARIZED, _regularized)
        yield check(PARTIAL, _partial, known)
        yield check(ONE_ROW, lambda: keras.ops.convert_to_numpy(layers.BatchNormalization()(ONES, training=True))[0])


# Seen with Keras 3.15.1 (keras#4186).
MASKED_BY_SAMPLES = (
    "the loss of masked outputs is a mean over the valid tokens of a batch, and evaluate weights it by samples: it "
    "depends on the batch size; a metric of the same name weights by tokens"
)
SPREAD = (
    "on TensorFlow a stateful layer takes a smaller last batch without an error: a sample is spread over all states, "
    "and predict returns 4 rows for 3 samples in batches of 2"
)
ONES = np.ones((1, 1), np.float32)


def _unit(*before: Any, weight: float = 1.0, **how: Any) -> keras.Model:
    """A linear unit without bias behind the layers of `before`, whose loss is the mean squared error."""
    model = keras.Sequential([*before, layers.Dense(1, use_bias=False, **how)])
    model.layers[-1].set_weights([np.full((1, 1), weight, np.float32)])
    model.compile("sgd", "mse", weighted_metrics=["mse"])
    return model


def _means() -> list[float]:
    """Of three samples with errors of root 10, root 10 and 3."""
    model, inputs = _unit(keras.Input((1,))), np.sqrt(np.array([[10], [10], [9]], np.float32))
    return [model.evaluate(inputs, np.zeros((3, 1), np.float32), batch_size=2, **QUIET)[0]]


def _masked(size: int) -> list[float]:
    """Loss and metric of two sequences: one token with an error of 2, and three tokens with an error of 1."""
    model = _unit(keras.Input((3, 1)), layers.Masking(HIDDEN))
    inputs = np.array([[2, HIDDEN, HIDDEN], [1, 1, 1]], np.float32)[..., None]
    return model.evaluate(inputs, np.zeros((2, 3, 1), np.float32), batch_size=size, **QUIET)


def _regularized() -> list[float]:
    """An error of 1 behind a weight of 2."""
    model = _unit(keras.Input((1,)), weight=2.0, kernel_regularizer=keras.regularizers.L2(0.1))
    return model.evaluate(ONES, np.ones((1, 1), np.float32), **QUIET)[:1]


def _partial() -> list[float]:
    model = keras.Sequential([keras.Input(batch_shape=(2, 1, 1)), layers.LSTM(1, stateful=True)])
    model.compile("sgd", "mse")
    try:
        model.evaluate(np.ones((3, 1, 1), np.float32), np.ones((3, 1), np.float32), batch_size=2, **QUIET)
    except RAISED:  # each backend raises an error of its own
        return [1]
    return [0]
