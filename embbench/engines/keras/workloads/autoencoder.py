"""An autoencoder in Keras 3 on any backend, with its own optimizers: steps of `fit`."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._autoencoder_claims import (
    AS_IT_COMES,
    AT,
    COARSE,
    DECAY,
    DEFAULTS,
    MOVES,
    PENALTY,
    PLACE,
    UNCORRECTED,
    shares,
)
from embbench.workloads._autoencoder_data import CODE, SECOND_DECAY, WIDTH, Setting, setting_of
from embbench.workloads.autoencoder import start

CHOICES = {"advice": ["adadelta", "adadelta_2019", "adam"]}


# Setting's optimizer -> its lists of arrays in Keras's, in the order of the model's weights.
KEPT = {"adadelta": ("_accumulated_grads", "_accumulated_delta_vars"), "adam": ("_momentums", "_velocities")}
NAMES = ("encoder", "encoder_bias", "decoder", "decoder_bias")


def prepare(case: Case, batches: ByName) -> "KerasAutoencoder":
    return KerasAutoencoder(case, batches, set_up(case))


def optimizer_of(setting: Setting) -> keras.optimizers.Optimizer:
    if setting.optimizer == "adadelta":
        return keras.optimizers.Adadelta(setting.rate, setting.decay, setting.epsilon)
    return keras.optimizers.Adam(setting.rate, setting.decay, SECOND_DECAY, setting.epsilon)


class KerasAutoencoder:
    epsilon = "uncorrected"

    def __init__(self, case: Case, batches: ByName, backend: Backend) -> None:
        self.backend, self.setting = backend, setting_of(case)
        self.model = keras.Sequential([keras.Input((WIDTH,)), layers.Dense(CODE), layers.Dense(WIDTH)])
        first = start(case)
        self.model.set_weights([first[name].T for name in NAMES])  # Keras stores kernels transposed
        self.optimizer = optimizer_of(self.setting)
        self.model.compile(self.optimizer, "mse")
        self.fitted = fitted(case, self.model, [batches["inputs"]], batches["inputs"])
        self.waiting: Any = ops.zeros(())

    def step(self) -> None:
        self.waiting = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.waiting)

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> ByName:
        return self._by_name(self.model.trainable_variables)

    def state(self) -> tuple[ByName, ByName]:
        first, second = (self._by_name(getattr(self.optimizer, kept)) for kept in KEPT[self.setting.optimizer])
        return first, second

    def _by_name(self, variables: list[keras.Variable]) -> ByName:
        return {name: self.fitted.value(each).T for name, each in zip(NAMES, variables, strict=True)}

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        told = {"optimizer": type(self.optimizer).__name__, "jit_compile": str(self.model.jit_compile)}
        return {**told, **self.backend.settings()}

    def further_claims(self) -> Iterator[Claim]:
        for setting, moves in MOVES.items():
            yield check(moves, lambda setting=setting: shares(setting, _against(lambda: optimizer_of(setting))))
        yield check(DEFAULTS, _defaults)
        yield check(AS_IT_COMES, lambda: _against(keras.optimizers.Adadelta)[-1:])
        yield check(PLACE, lambda: _against(lambda: optimizer_of(COARSE), 1), KNOWN)
        yield check(PENALTY, _penalty)
        yield check(DECAY, _decayed)


# Seen with Keras 3.15.1, and in its documentation of Adam ("epsilon hat").
KNOWN = {
    PLACE.name: Deviation(
        (UNCORRECTED,),
        "Adam of Keras adds epsilon before the correction of the second moment, so the same epsilon slows the first "
        "steps more",
    )
}


def _against(make: Callable[[], keras.optimizers.Optimizer], most: int = max(AT)) -> list[float]:
    """The movement against a gradient of 1 after AT steps, up to `most`."""
    weight, one, found = keras.Variable(np.zeros(1, np.float32)), ops.ones(1), []
    optimizer = make()
    for step in range(1, most + 1):
        optimizer.apply([one], [weight])
        if step in AT:
            found.append(-float(ops.convert_to_numpy(weight)[0]))
    return found


def _defaults() -> list[float]:
    told = keras.optimizers.Adadelta().get_config()
    return [told["learning_rate"], told["rho"], told["epsilon"]]


def _penalty() -> list[float]:
    """The movement of a weight of 2 with a penalty, in a step of fit with a rate of 1 and inputs of 0."""
    model = keras.Sequential(
        [keras.Input((1,)), layers.Dense(1, use_bias=False, kernel_regularizer=keras.regularizers.L2(0.1))]
    )
    return _movement(model, keras.optimizers.SGD(1.0))


def _decayed() -> list[float]:
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)])
    return _movement(model, keras.optimizers.Adam(0.01, weight_decay=0.1))


def _movement(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> list[float]:
    model.set_weights([np.full((1, 1), 2, np.float32)])
    model.compile(optimizer, "mse")
    zeros = np.zeros((1, 1), np.float32)
    model.fit(zeros, zeros, verbose=0)
    return [2 - float(model.get_weights()[0][0, 0])]
