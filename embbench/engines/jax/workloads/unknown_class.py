"""A text classifier that rejects texts of no known class, in JAX with optax."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.engines.jax.device import COMPILATIONS, Peak, copied, describe_program, set_up, settings
from embbench.engines.jax.steps import lstm
from embbench.workloads import ByName
from embbench.workloads._unknown_expected import (
    BEYOND_RAISES,
    BEYOND_READS,
    BEYOND_TAKES,
    NEGATIVE_RAISES,
    NEGATIVE_READS,
    ROWS,
    raises,
)
from embbench.workloads._unknown_network import ADAM, ONE_VS_REST, RATE, AdamAs, one_hot
from embbench.workloads.unknown_class import start

OpenWeights = dict[str, jax.Array]
RAISES_NEVER = (
    "an id beyond the table raises no error: indexing reads the last row, `jnp.take` gives nan (its mode is fill)"
)
FROM_THE_END = "an id of -1 reads the last row, as in NumPy"
OPTIMIZER = optax.adam(RATE, ADAM.beta1, ADAM.beta2, ADAM.epsilon)


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "JaxUnknown":
    return JaxUnknown(case, drawn, set_up(case))


def open_loss(weights: OpenWeights, ids: jax.Array, labels: jax.Array, sigmoids: bool) -> jax.Array:
    layer = weights["w_input0"], weights["w_recurrent0"], weights["bias0"]
    last = lstm(layer, weights["rows"][ids].swapaxes(0, 1))[1][-1]
    logits = last @ weights["head_weight"].T + weights["head_bias"]
    if sigmoids:
        return optax.sigmoid_binary_cross_entropy(logits, labels).mean()
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


@partial(jax.jit, static_argnames="sigmoids", donate_argnums=0)
def step(
    state: tuple[OpenWeights, Any], ids: jax.Array, labels: jax.Array, sigmoids: bool
) -> tuple[tuple[OpenWeights, Any], jax.Array]:
    """((weights, Adam's state), loss)"""
    weights, kept = state
    loss, gradients = jax.value_and_grad(open_loss)(weights, ids, labels, sigmoids)
    moves, kept = OPTIMIZER.update(gradients, kept, weights)
    return (optax.apply_updates(weights, moves), kept), loss


class JaxUnknown:
    adam = AdamAs()

    def __init__(self, case: Case, drawn: dict[str, np.ndarray], device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        self.sigmoids = case.reject == ONE_VS_REST
        labels = one_hot(drawn["labels"]) if self.sigmoids else drawn["labels"].astype(np.int32)
        ids = drawn["ids"].astype(np.int32)
        self.batches = [(jnp.array(one), jnp.array(other)) for one, other in zip(ids, labels, strict=True)]
        self.steps, self.recent, self.compiled = 0, jnp.zeros(()), 0
        self.restart(start(case, 1))

    def restart(self, weights: ByName) -> None:
        arrays = {name: jnp.array(array, jnp.float32) for name, array in weights.items()}
        self.state: tuple[OpenWeights, Any] = arrays, OPTIMIZER.init(arrays)

    def step(self) -> None:
        batch, compiled = self.batches[self.steps % len(self.batches)], COMPILATIONS.count
        self.steps += 1
        self.state, self.recent = step(self.state, *batch, sigmoids=self.sigmoids)
        self.compiled = COMPILATIONS.count - compiled

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.recent))

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        program = step.lower(self.state, *self.batches[0], sigmoids=self.sigmoids).compile()
        ran = describe_program(program, self.case, self.state[0], True, self.compiled)
        return {**ran, **settings(self.device)}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        return copied(self.state[0])

    def moments(self) -> tuple[ByName, ByName]:
        kept = self.state[1][0]
        return copied(kept.mu), copied(kept.nu)

    def further_claims(self) -> Iterator[Claim]:
        if self.case.reject != "softmax":
            return
        rows = jnp.array(ROWS)
        known = {BEYOND_RAISES.name: Deviation((0,), RAISES_NEVER), NEGATIVE_RAISES.name: Deviation((0,), FROM_THE_END)}
        yield check(BEYOND_RAISES, lambda: raises(lambda: rows[jnp.array(3)].block_until_ready()), known)
        yield check(NEGATIVE_RAISES, lambda: raises(lambda: rows[jnp.array(-1)].block_until_ready()), known)
        yield check(BEYOND_READS, lambda: [float(rows[jnp.array(3)])])
        yield check(BEYOND_TAKES, lambda: [float(np.isnan(jnp.take(rows, 3)))])
        yield check(NEGATIVE_READS, lambda: [float(rows[jnp.array(-1)])])
