"""Dense networks in Keras 3, on any backend: steps as `fit` makes them."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.keras.workloads._device import set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._dense_plan import ADADELTA, ADAM, BETAS, SGD, DensePlan, OptimizerSetup, start

OPTIMIZERS = keras.optimizers
SLOTS = {
    ADADELTA: ("_accumulated_grads", "_accumulated_delta_vars"),
    ADAM: ("_momentums", "_velocities"),
    SGD: (),
}


def make_optimizer(setup: OptimizerSetup) -> Any:
    """Kernels are decayed, where the setup has a decay."""
    if setup.own:
        return OPTIMIZERS.Adadelta()
    if setup.kind == ADADELTA:
        return OPTIMIZERS.Adadelta(setup.rate, rho=setup.rho, epsilon=setup.epsilon)
    if setup.kind != ADAM:
        return OPTIMIZERS.SGD(setup.rate)
    betas = {"beta_1": BETAS[0], "beta_2": BETAS[1], "epsilon": setup.epsilon}
    if not setup.decay:
        return OPTIMIZERS.Adam(setup.rate, **betas)
    made = OPTIMIZERS.AdamW(setup.rate, weight_decay=setup.decay, **betas)
    made.exclude_from_weight_decay(var_names=["bias"])
    return made


def numbers_of(optimizer: Any, rate: float) -> list[float]:
    """rate: of a compiled model's optimizer, whose variables are elsewhere."""
    names = ("rho", "beta_1", "beta_2", "epsilon")
    return [rate, *(float(getattr(optimizer, name)) for name in names if hasattr(optimizer, name))]


class KerasDense:
    late_epsilon = True  # in adam.py of Keras 3.15.1

    def __init__(self, case: Case, drawn: ByName, plan: DensePlan, claims: Iterable[Claim] = ()) -> None:
        self.backend, self.case, self.plan, self.claims = set_up(case), case, plan, claims
        how = {"kernel_regularizer": keras.regularizers.L2(plan.l2)} if plan.l2 else {}
        dense = [
            layers.Dense(each.outputs, activation="relu" if each.relu else None, name=f"dense{place}", **how)
            for place, each in enumerate(plan.layers)
        ]
        self.model = keras.Sequential([keras.Input((plan.layers[0].inputs,)), *dense])
        self.model.compile(make_optimizer(plan.setup), "mse")
        self.model.optimizer.build(self.model.trainable_variables)
        self.kept = [(each, _array(each)) for each in self.model.optimizer.variables]
        self.restart(start(plan.layers, case.seed), drawn)

    def restart(self, weights: ByName, drawn: ByName) -> None:
        for place, layer in enumerate(self.model.layers):
            layer.kernel.assign(weights[f"kernel{place}"])
            layer.bias.assign(weights[f"bias{place}"])
        for variable, value in self.kept:
            variable.assign(value)
        self.fitted = fitted(self.case, self.model, [drawn["inputs"]], drawn["targets"])
        self.recent: Any = keras.ops.zeros(())

    def step(self) -> None:
        self.recent = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.recent)

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def _named(self) -> list[tuple[str, keras.Variable]]:
        """In the order of `trainable_variables`, which is the order of an optimizer's slots."""
        return [
            (f"{kind}{place}", getattr(layer, kind))
            for place, layer in enumerate(self.model.layers)
            for kind in ("kernel", "bias")
        ]

    def weights(self) -> ByName:
        return {name: self.fitted.value(variable) for name, variable in self._named()}

    def slots(self) -> list[ByName]:
        found: list[Sequence[keras.Variable]] = [
            getattr(self.model.optimizer, slot) for slot in SLOTS[self.plan.setup.kind]
        ]
        return [
            {name: self.fitted.value(each) for (name, _), each in zip(self._named(), one, strict=True)} for one in found
        ]

    def numbers(self) -> list[float]:
        optimizer = self.model.optimizer
        return numbers_of(optimizer, float(self.fitted.value(optimizer._learning_rate)))

    def masks(self) -> list[np.ndarray]:
        return []

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        return {"jit_compile": str(self.model.jit_compile), **self.backend.settings()}

    def further_claims(self) -> Iterable[Claim]:
        return self.claims


def _array(variable: keras.Variable) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(variable))
