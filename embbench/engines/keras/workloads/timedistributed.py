"""TimeDistributed in Keras 3, on any backend, and the same layer on all time steps at once."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.cases.contender import Unsupported
from embbench.cases.workload import CLASSES
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.engines.keras.workloads._timedistributed import (
    apply_layer,
    known_deviations,
    lengths_of_outputs,
    of_an_epoch,
    on_unknown_time,
    time_is_lost,
)
from embbench.workloads import ByName
from embbench.workloads._timedistributed_expected import (
    BATCH_NORM,
    COLUMNS,
    COUNTED,
    DROPOUT,
    FEW,
    FILTERS,
    KERNEL,
    LEARNING_RATE,
    LENGTHS_OF_FEW,
    LENGTHS_OF_MANY,
    MANY,
    SAME_LAYERS,
    SHAPE,
    SIDE,
    UNKNOWN,
    UPDATES,
    WITH_FRONT,
    Applied,
)
from embbench.workloads.timedistributed import start

CHOICES = {"per_step": ["flat", "wrapped", "wrapped_dynamic", "flat_conv", "wrapped_conv"]}


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "KerasPerStep":
    backend = set_up(case)
    if case.per_step == UNKNOWN and time_is_lost() and case.batch != case.seq:
        raise Unsupported(
            "TimeDistributed over an unknown number of time steps returns as many as the batch has samples "
            f"(Keras {keras.__version__}): give batch and seq the same size"
        )
    return KerasPerStep(case, drawn, backend)


class Counting(layers.Dense):
    """Counts its calls, of Python: a compiled program calls it where it is traced."""

    def __init__(self, units: int) -> None:
        super().__init__(units)
        self.counted = [0]

    def call(self, inputs: Any, training: Any = None) -> Any:
        self.counted[0] += 1
        return super().call(inputs)


class PerStepModel:
    """A compiled model with the weights, named as `timedistributed.start` names them."""

    def __init__(self, way: str, weights: ByName, time: int) -> None:
        self.front, vectors = None, keras.Input((None if way == UNKNOWN else time, COLUMNS))
        given = vectors
        if way == UNKNOWN:
            vectors = on_unknown_time(vectors)
        if way in WITH_FRONT:
            self.front = keras.Sequential(
                [
                    keras.Input((SIDE, SIDE, 1)),
                    layers.Conv2D(FILTERS, KERNEL, activation="relu"),
                    layers.GlobalAveragePooling2D(),
                ]
            )
            vectors = self._features(vectors, way, time)
        hidden = weights["w_recurrent0"].shape[1]
        # The initializer "orthogonal" takes seconds and is overwritten.
        self.lstm = layers.LSTM(hidden, return_sequences=True, recurrent_initializer="zeros")
        self.head = Counting(CLASSES)
        vectors, flat = self.lstm(vectors), way in ("flat", *WITH_FRONT)
        self.model = keras.Model(given, (self.head if flat else layers.TimeDistributed(self.head))(vectors))
        for name, variable in self.variables():
            variable.assign(_stored(name, weights[name]))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile(keras.optimizers.SGD(LEARNING_RATE), loss, jit_compile="auto")
        if way == UNKNOWN:  # with as many samples as time steps, see `time_is_lost`
            square = np.zeros((time, time, COLUMNS), np.float32)
            self.model._symbolic_build(data_batch=(square, square[..., 0].astype(np.int32)))

    def _features(self, vectors: Any, way: str, time: int) -> Any:
        """(B, T, FILTERS)"""
        assert self.front is not None
        if way == "wrapped_conv":
            return layers.TimeDistributed(self.front)(layers.Reshape((time, SIDE, SIDE, 1))(vectors))
        return ops.reshape(self.front(ops.reshape(vectors, (-1, SIDE, SIDE, 1))), (-1, time, FILTERS))

    def variables(self) -> Iterator[tuple[str, keras.Variable]]:
        cell = self.lstm.cell
        yield from (("w_input0", cell.kernel), ("w_recurrent0", cell.recurrent_kernel), ("bias0", cell.bias))
        yield from (("head_weight", self.head.kernel), ("head_bias", self.head.bias))
        if self.front is not None:
            yield from zip(("conv_weight", "conv_bias"), self.front.trainable_variables, strict=True)


def _stored(name: str, array: np.ndarray) -> np.ndarray:
    """As Keras stores it: kernels transposed, a convolution's (KERNEL, KERNEL, 1, FILTERS)."""
    return np.moveaxis(array, 0, -1)[:, :, None] if name == "conv_weight" else array.T


def _named(name: str, array: np.ndarray) -> np.ndarray:
    """The opposite of `_stored`."""
    return np.moveaxis(array[:, :, 0], -1, 0) if name == "conv_weight" else array.T


class KerasPerStep:
    def __init__(self, case: Case, drawn: dict[str, np.ndarray], backend: Backend) -> None:
        self.case, self.backend = case, backend
        self.made = PerStepModel(case.per_step, start(case, 1), case.seq)
        self.fitted = fitted(case, self.made.model, [drawn["inputs"]], drawn["labels"].astype(np.int32))
        self.recent: Any = ops.zeros(())

    def step(self) -> None:
        self.recent = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.recent)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        # A wrapped head has products per time step too, which are not the LSTM's.
        flat = self.case.per_step in ("flat", *WITH_FRONT)
        kernel = {"lstm": self.fitted.kernel(training=True)} if flat else {}
        return {**kernel, "jit_compile": str(self.made.model.jit_compile), **self.backend.settings()}

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> ByName:
        return {name: _named(name, self.fitted.value(variable)) for name, variable in self.made.variables()}

    def has(self) -> tuple[str, ...]:
        return (*SAME_LAYERS, BATCH_NORM, DROPOUT)

    def apply(self, layer: str, inputs: np.ndarray, way: str) -> Applied:
        return apply_layer(layer, inputs, way)

    def calls(self) -> int:
        """Building makes no step, though it may trace the model."""
        made = PerStepModel(self.case.per_step, start(self.case, 1), COUNTED)
        inputs = np.zeros((1, COUNTED, COUNTED, COLUMNS), np.float32)
        steps = fitted(self.case, made.model, [inputs], np.zeros(inputs.shape[:-1], np.int32))
        made.head.counted[0] = 0
        self.backend.sync(steps.step())
        return made.head.counted[0]

    def known(self) -> dict[str, Deviation]:
        return known_deviations()

    def further_claims(self) -> Iterator[Claim]:
        if self.case.per_step == UNKNOWN:
            yield check(LENGTHS_OF_FEW, lambda: lengths_of_outputs(FEW), self.known())
            yield check(LENGTHS_OF_MANY, lambda: lengths_of_outputs(MANY), self.known())
        if self.case.per_step == "wrapped_conv":
            updates, shape = of_an_epoch()
            yield check(UPDATES, lambda: [updates])
            yield check(SHAPE, lambda: shape)
