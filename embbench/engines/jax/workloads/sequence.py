"""Texts of different lengths in JAX: padded, or masked by `where` in a scan. JAX compiles a program for each length."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.engines.jax.device import COMPILATIONS, Peak, copied, describe_program, set_up, settings
from embbench.engines.jax.steps import lstm
from embbench.workloads import ByName
from embbench.workloads._sequence_expected import EACH_LENGTH, LEARNING_RATE
from embbench.workloads._sequence_texts import TextBatch, TextPasses
from embbench.workloads.sequence import start

CHOICES = {"lengths": ["pad", "mask", "bucket", "sorted", "dynamic"]}

JaxArrays = dict[str, jax.Array]


def prepare(case: Case, drawn: ByName) -> "JaxSequence":
    return JaxSequence(case, drawn, set_up(case))


def read(masks: bool, weights: JaxArrays, inputs: jax.Array, lengths: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(outputs (T, B, H), hidden states at the last real token (B, H)). inputs: (B, T, columns)."""
    layer = tuple(weights[f"{name}0"] for name in ("w_input", "w_recurrent", "bias"))
    by_time = inputs.swapaxes(0, 1)
    if masks:
        return masked_lstm(layer, by_time, lengths)
    outputs = lstm(layer, by_time)[1]
    return outputs, outputs[lengths - 1, jnp.arange(len(lengths))]


def masked_lstm(layer: tuple[jax.Array, ...], inputs: jax.Array, lengths: jax.Array) -> tuple[jax.Array, jax.Array]:
    """As `lstm`; past a text's end the state stays. inputs: (T, B, columns)."""
    w_input, w_recurrent, bias = layer

    def cell(carry: tuple[jax.Array, jax.Array], given: tuple[jax.Array, jax.Array]) -> tuple[Any, jax.Array]:
        drive, real = given
        hidden, memory = carry
        i, f, g, o = jnp.split(drive + hidden @ w_recurrent.T, 4, axis=-1)
        after = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(g)
        shown = jnp.where(real, jax.nn.sigmoid(o) * jnp.tanh(after), hidden)
        return (shown, jnp.where(real, after, memory)), shown

    zeros = jnp.zeros((inputs.shape[1], w_recurrent.shape[1]), inputs.dtype)
    real = jnp.arange(len(inputs))[:, None, None] < lengths[:, None]
    (last, _), outputs = jax.lax.scan(cell, (zeros, zeros), (inputs @ w_input.T + bias, real))
    return outputs, last


def loss_of(masks: bool, weights: JaxArrays, batch: TextBatch) -> jax.Array:
    last = read(masks, weights, batch.inputs, batch.lengths)[1]
    scores = last @ weights["head_weight"].T + weights["head_bias"]
    return optax.softmax_cross_entropy_with_integer_labels(scores, batch.labels).mean()


def as_arrays(weights: ByName) -> JaxArrays:
    return {name: jnp.array(array, jnp.float32) for name, array in weights.items()}


class JaxSequence:
    def __init__(self, case: Case, drawn: ByName, device: jax.Device) -> None:
        self.case, self.device, self.peak, self.masks = case, device, Peak(device), case.lengths == "mask"
        self.passes = TextPasses(case, drawn, lambda batch: TextBatch(*map(jnp.array, batch)))
        self.state = as_arrays(start(case, 1))
        self.train = jax.jit(self.train_on, donate_argnums=0)
        self.recent, self.compiled = jnp.zeros(()), 0

    def train_on(self, weights: JaxArrays, batch: TextBatch) -> tuple[JaxArrays, jax.Array]:
        self.passes.traced()
        loss, gradients = jax.value_and_grad(lambda weights: loss_of(self.masks, weights, batch))(weights)
        return jax.tree.map(lambda one, by: one - LEARNING_RATE * by, weights, gradients), loss

    def step(self) -> None:
        compiled = COMPILATIONS.count
        for batch in self.passes.take():
            self.state, self.recent = self.train(self.state, batch)
        self.compiled = COMPILATIONS.count - compiled

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.recent))

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        facts = self.passes.facts()
        batch = self.passes.longest
        case = msgspec.structs.replace(self.case, seq=batch.inputs.shape[1])  # whose loops the program has
        ran = describe_program(self.train.lower(self.state, batch).compile(), case, self.state, True, self.compiled)
        return {**ran, **facts, **settings(self.device)}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        return copied(self.state)

    def read(self, weights: ByName, batch: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        outputs, last = read(self.masks, as_arrays(weights), *map(jnp.array, batch))
        return np.asarray(outputs).swapaxes(0, 1), np.asarray(last)

    def further_claims(self) -> Iterator[Claim]:
        yield check(EACH_LENGTH, lambda: [self.passes.first_traces - self.passes.distinct])
