"""The regression in JAX: a jitted step with donated state, and optax."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.jax.device import Peak, copied, set_up, settings
from embbench.workloads import ByName
from embbench.workloads._regression_plan import BETAS, EPSILON, SGD, OptimizerSetup, plan_of, start

CHOICES = {"remedy": ["off", "l2", "weight_decay", "sgd"]}
RegressionArrays = dict[str, jax.Array]


def prepare(case: Case, drawn: ByName) -> "JaxRegression":
    return JaxRegression(case, drawn, set_up(case))


def make_optimizer(setup: OptimizerSetup) -> optax.GradientTransformation:
    if setup.kind == SGD:
        return optax.sgd(setup.rate)
    if not setup.decay:
        return optax.adam(setup.rate, *BETAS, EPSILON)
    return optax.adamw(setup.rate, *BETAS, EPSILON, weight_decay=setup.decay, mask=_kernels)


def _kernels(weights: Mapping[str, Any]) -> dict[str, bool]:
    return {name: name.startswith("kernel") for name in weights}


def _averages(one: Any) -> bool:
    return isinstance(one, optax.ScaleByAdamState)


class JaxRegression:
    late_epsilon = False

    def __init__(self, case: Case, drawn: ByName, device: jax.Device) -> None:
        self.plan, self.device, self.peak = plan_of(case), device, Peak(device)
        self.optimizer = make_optimizer(self.plan.setup)
        self.train = jax.jit(self._train, donate_argnums=0)
        self.restart(start(self.plan.layers, case.seed), drawn)

    def restart(self, weights: ByName, drawn: ByName) -> None:
        placed: RegressionArrays = {name: jnp.array(array) for name, array in weights.items()}
        self.state = placed, self.optimizer.init(placed)
        self.batches = [
            (jnp.array(inputs), jnp.array(targets))
            for inputs, targets in zip(drawn["inputs"], drawn["targets"], strict=True)
        ]
        self.steps, self.last = 0, jnp.zeros(())

    def _loss(self, weights: RegressionArrays, inputs: jax.Array, targets: jax.Array) -> jax.Array:
        outputs, penalty = inputs, jnp.zeros(())
        for place, layer in enumerate(self.plan.layers):
            kernel = weights[f"kernel{place}"]
            outputs = outputs @ kernel + weights[f"bias{place}"]
            outputs = jax.nn.relu(outputs) if layer.relu else outputs
            penalty = penalty + self.plan.l2 * (kernel**2).sum()
        return ((outputs - targets) ** 2).mean() + penalty

    def _train(
        self, state: tuple[RegressionArrays, Any], inputs: jax.Array, targets: jax.Array
    ) -> tuple[tuple[RegressionArrays, Any], jax.Array]:
        weights, kept = state
        loss, gradients = jax.value_and_grad(self._loss)(weights, inputs, targets)
        updates, kept = self.optimizer.update(gradients, kept, weights)
        return (optax.apply_updates(weights, updates), kept), loss

    def step(self) -> None:
        self.state, self.last = self.train(self.state, *self.batches[self.steps % len(self.batches)])
        self.steps += 1

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.last))

    def loss(self) -> float:
        return float(self.last)

    def weights(self) -> ByName:
        return copied(self.state[0])

    def slots(self) -> list[ByName]:
        """A chain of optax has a tuple of states."""
        found = [each for each in jax.tree.leaves(self.state[1], is_leaf=_averages) if _averages(each)]
        return [copied(part) for each in found for part in (each.mu, each.nu)]

    def numbers(self) -> tuple[float, ...]:
        """As given: an optimizer of optax shows none of its numbers."""
        return self.plan.setup.numbers

    def masks(self) -> list[np.ndarray]:
        return []

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        return settings(self.device)

    def further_claims(self) -> list[Claim]:
        return []
