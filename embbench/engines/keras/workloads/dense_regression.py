"""The regression in Keras 3, what L2 and weight decay are there, and which samples validate."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.engines.keras.workloads._dense import OPTIMIZERS, KerasDense
from embbench.workloads import ByName
from embbench.workloads._optimizer_facts import (
    ADAM_STEP,
    DECAY_OF_ADAM,
    DECAY_OF_ADAMW,
    DECAY_OF_SGD,
    L2_OF_SGD,
    LAST_ROWS,
    SGD_STEP,
    WEIGHT,
)
from embbench.workloads._regression_plan import plan_of

CHOICES = {"remedy": ["off", "l2", "weight_decay"]}


def prepare(case: Case, drawn: ByName) -> KerasDense:
    return KerasDense(case, drawn, plan_of(case), _claims() if case.remedy == "off" else ())


def _claims() -> Iterator[Claim]:
    sgd, adam = SGD_STEP, {"learning_rate": ADAM_STEP.rate, "weight_decay": ADAM_STEP.factor}
    yield check(L2_OF_SGD, lambda: _moved(OPTIMIZERS.SGD(sgd.rate), keras.regularizers.L2(sgd.factor)))
    yield check(DECAY_OF_SGD, lambda: _moved(OPTIMIZERS.SGD(sgd.rate, weight_decay=sgd.factor)))
    yield check(DECAY_OF_ADAM, lambda: _moved(OPTIMIZERS.Adam(**adam)))
    yield check(DECAY_OF_ADAMW, lambda: _moved(OPTIMIZERS.AdamW(**adam)))
    yield check(LAST_ROWS, _validated)


def _unit(weight: float, optimizer: Any, regularizer: Any = None) -> keras.Model:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_regularizer=regularizer)])
    model.layers[0].set_weights([np.full((1, 1), weight, np.float32)])
    model.compile(optimizer, "mse")
    return model


def _moved(optimizer: Any, regularizer: Any = None) -> list[float]:
    """Movement down of a weight by a step on an input of 0."""
    model, zeros = _unit(WEIGHT, optimizer, regularizer), np.zeros((1, 1), np.float32)
    model.train_on_batch(zeros, zeros)
    return [WEIGHT - float(model.layers[0].get_weights()[0][0, 0])]


def _validated() -> list[float]:
    errors = np.array([[1], [2], [3], [4]], np.float32)
    model = _unit(1.0, OPTIMIZERS.SGD(0.0))
    told = model.fit(errors, np.zeros_like(errors), validation_split=0.25, shuffle=True, verbose=0)
    return told.history["val_loss"]
