"""The regression in Keras 3, on any backend: steps as `fit` makes them, and which samples `validation_split` takes."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._regression_plan import (
    ADAM,
    BETAS,
    EPSILON,
    LAST_ROWS,
    SGD,
    OptimizerSetup,
    plan_of,
    start,
)

CHOICES = {"remedy": ["off", "l2", "weight_decay", "sgd"]}
OPTIMIZERS = keras.optimizers
SLOTS = {ADAM: ("_momentums", "_velocities"), SGD: ()}


def prepare(case: Case, drawn: ByName) -> "KerasRegression":
    return KerasRegression(case, drawn, set_up(case))


def make_optimizer(setup: OptimizerSetup) -> Any:
    if setup.kind == SGD:
        return OPTIMIZERS.SGD(setup.rate)
    how = {"beta_1": BETAS[0], "beta_2": BETAS[1], "epsilon": EPSILON}
    if not setup.decay:
        return OPTIMIZERS.Adam(setup.rate, **how)
    made = OPTIMIZERS.AdamW(setup.rate, weight_decay=setup.decay, **how)
    made.exclude_from_weight_decay(var_names=["bias"])
    return made


class KerasRegression:
    late_epsilon = True  # in adam.py of Keras 3.15.1

    def __init__(self, case: Case, drawn: ByName, backend: Backend) -> None:
        self.case, self.plan, self.backend = case, plan_of(case), backend
        how = {"kernel_regularizer": keras.regularizers.L2(self.plan.l2)} if self.plan.l2 else {}
        dense = [layers.Dense(each.outputs, "relu" if each.relu else None, **how) for each in self.plan.layers]
        self.model = keras.Sequential([keras.Input((self.plan.layers[0].inputs,)), *dense])
        self.model.compile(make_optimizer(self.plan.setup), "mse")
        self.model.optimizer.build(self.model.trainable_variables)
        self.first = [(each, _array(each)) for each in self.model.optimizer.variables]
        self.restart(start(self.plan.layers, case.seed), drawn)

    def restart(self, weights: ByName, drawn: ByName) -> None:
        for place, layer in enumerate(self.model.layers):
            layer.kernel.assign(weights[f"kernel{place}"])
            layer.bias.assign(weights[f"bias{place}"])
        for variable, value in self.first:
            variable.assign(value)
        self.fitted = fitted(self.case, self.model, [drawn["inputs"]], drawn["targets"])
        self.recent: Any = keras.ops.zeros(())

    def step(self) -> None:
        self.recent = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.recent)

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def _names(self) -> list[str]:
        """In the order of `trainable_variables`, which is the order of an optimizer's slots."""
        return [f"{kind}{place}" for place in range(len(self.model.layers)) for kind in ("kernel", "bias")]

    def _values(self, variables: Sequence[keras.Variable]) -> ByName:
        return {name: self.fitted.value(each) for name, each in zip(self._names(), variables, strict=True)}

    def weights(self) -> ByName:
        return self._values(self.model.trainable_variables)

    def slots(self) -> list[ByName]:
        return [self._values(getattr(self.model.optimizer, slot)) for slot in SLOTS[self.plan.setup.kind]]

    def numbers(self) -> list[float]:
        optimizer = self.model.optimizer
        more = [getattr(optimizer, name) for name in ("beta_1", "beta_2", "epsilon") if hasattr(optimizer, name)]
        return [float(self.fitted.value(optimizer._learning_rate)), *more]

    def masks(self) -> list[np.ndarray]:
        return []

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        optimizer = type(self.model.optimizer).__name__
        return {"optimizer": optimizer, "jit_compile": str(self.model.jit_compile), **self.backend.settings()}

    def further_claims(self) -> Iterator[Claim]:
        yield check(LAST_ROWS, _validated)


def _validated() -> list[float]:
    """By a model that answers with its inputs, for targets of 0."""
    layer = layers.Dense(1, use_bias=False)
    model = keras.Sequential([keras.Input((1,)), layer])
    layer.set_weights([np.ones((1, 1), np.float32)])
    model.compile(OPTIMIZERS.SGD(0.0), "mse")
    errors = np.array([[1], [2], [3], [4]], np.float32)
    return model.fit(errors, np.zeros_like(errors), validation_split=0.25, verbose=0).history["val_loss"]


def _array(variable: keras.Variable) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(variable))
