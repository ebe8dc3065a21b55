"""An encoder and a decoder with teacher forcing in JAX: a scan starts from the last carry of another scan."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.jax.device import COMPILATIONS, Peak, copied, describe_program, set_up, settings
from embbench.engines.jax.steps import lstm
from embbench.workloads import ByName
from embbench.workloads._seq2seq_claims import DECODER, ENCODER, LEARNING_RATE, start


def prepare(case: Case, drawn: ByName) -> "JaxTranslation":
    return JaxTranslation(case, drawn, set_up(case))


def decoded(weights: dict[str, jax.Array], source: jax.Array, fed: jax.Array) -> jax.Array:
    """(B, T, H)"""
    encoder, decoder = (
        tuple(weights[f"{name}{part}"] for name in ("w_input", "w_recurrent", "bias")) for part in (ENCODER, DECODER)
    )
    state = lstm(encoder, source.swapaxes(0, 1))[0]
    return lstm(decoder, fed.swapaxes(0, 1), state)[1].swapaxes(0, 1)


def loss_of(weights: dict[str, jax.Array], batch: dict[str, jax.Array]) -> jax.Array:
    scores = decoded(weights, batch["source"], batch["fed"]) @ weights["head_weight"].T + weights["head_bias"]
    return optax.softmax_cross_entropy_with_integer_labels(scores, batch["labels"]).mean()


@partial(jax.jit, donate_argnums=0)
def train(weights: dict[str, jax.Array], batch: dict[str, jax.Array]) -> tuple[dict[str, jax.Array], jax.Array]:
    loss, gradients = jax.value_and_grad(loss_of)(weights, batch)
    return jax.tree.map(lambda one, by: one - LEARNING_RATE * by, weights, gradients), loss


def as_jax(weights: ByName) -> dict[str, jax.Array]:
    return {name: jnp.array(array, jnp.float32) for name, array in weights.items()}


class JaxTranslation:
    def __init__(self, case: Case, drawn: ByName, device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        self.state = as_jax(start(case))
        self.batches = [
            {name: jnp.array(array[place]) for name, array in drawn.items()} for place in range(len(drawn["labels"]))
        ]
        self.steps, self.recent, self.compiled = 0, jnp.zeros(()), 0

    def step(self) -> None:
        batch, compiled = self.batches[self.steps % len(self.batches)], COMPILATIONS.count
        self.steps += 1
        self.state, self.recent = train(self.state, batch)
        self.compiled = COMPILATIONS.count - compiled

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.recent))

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        program = train.lower(self.state, self.batches[0]).compile()
        return {**describe_program(program, self.case, self.state, True, self.compiled), **settings(self.device)}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        return copied(self.state)

    def decode(self, weights: ByName, source: np.ndarray, fed: np.ndarray) -> np.ndarray:
        return np.asarray(decoded(as_jax(weights), jnp.array(source), jnp.array(fed)))

    def further_claims(self) -> list[Claim]:
        return []
