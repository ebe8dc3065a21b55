"""A forecast from one number per time step, in JAX."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.jax.device import Peak, set_up, settings
from embbench.engines.jax.steps import lstm
from embbench.workloads.univariate import RATE, Batched, start

Weights = dict[str, jax.Array]


def prepare(case: Case, batches: Batched) -> "JaxUnivariate":
    return JaxUnivariate(case, batches, set_up(case))


def squared_errors(weights: Weights, inputs: jax.Array, targets: jax.Array) -> jax.Array:
    """(B,)"""
    layer = weights["w_input0"], weights["w_recurrent0"], weights["bias0"]
    hidden = lstm(layer, inputs.swapaxes(0, 1))[1][-1]
    return ((hidden @ weights["head_weight"].T + weights["head_bias"])[:, 0] - targets) ** 2


@partial(jax.jit, donate_argnums=0)
def train(weights: Weights, inputs: jax.Array, targets: jax.Array) -> tuple[Weights, jax.Array]:
    loss, gradients = jax.value_and_grad(lambda weights: squared_errors(weights, inputs, targets).mean())(weights)
    return jax.tree.map(lambda array, gradient: array - RATE * gradient, weights, gradients), loss


@jax.jit
def total(weights: Weights, inputs: jax.Array, targets: jax.Array) -> jax.Array:
    return squared_errors(weights, inputs, targets).sum()


class JaxUnivariate:
    def __init__(self, case: Case, batches: Batched, device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        # `jnp.array` copies: an array that is NumPy's own memory would not be donated
        self.state = {name: jnp.array(array, case.dtype) for name, array in start(case).items()}
        self.batches = [
            tuple(jnp.array(each, case.dtype) for each in batch)
            for batch in zip(batches["inputs"], batches["targets"], strict=True)
        ]
        self.steps, self.last = 0, jnp.zeros(())

    def step(self) -> None:
        if self.case.task == "evaluate":
            self.evaluate(self.case.batch)
            return
        self.state, self.last = train(self.state, *self.batches[self.steps % len(self.batches)])
        self.steps += 1

    def evaluate(self, size: int) -> float:
        """As a user writes it. The smaller last batch is another shape, and so another compilation."""
        inputs, targets = self.batches[0]
        parts = range(0, len(inputs), size)
        found = [total(self.state, inputs[first : first + size], targets[first : first + size]) for first in parts]
        return float(sum(found)) / len(inputs)

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.last))

    def loss(self) -> float:
        return float(self.last)

    def weights(self) -> dict[str, np.ndarray]:
        return {name: np.array(array) for name, array in self.state.items()}

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        return settings(self.device)

    def further_claims(self) -> list[Claim]:
        return []
