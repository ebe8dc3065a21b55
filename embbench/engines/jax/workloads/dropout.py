"""Dropout in JAX: neither JAX nor optax has layers, so masks are drawn from a key and multiplied by one's own code."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.engines.jax.device import COMPILATIONS, Peak, copied, describe_program, set_up, settings
from embbench.engines.jax.steps import lstm
from embbench.workloads import ByName
from embbench.workloads._dropout_expected import (
    HALF,
    LEARNING_RATE,
    MASK,
    SHOWN_SEED,
    SHOWN_UNITS,
    rate_of,
    strength_of,
)
from embbench.workloads._lstm_masked import Masks, no_masks
from embbench.workloads.dropout import start

CHOICES = {"dropout": ["off", "input_layer", "input", "recurrent", "output", "fed"]}


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "JaxDropout":
    return JaxDropout(case, drawn, set_up(case))


def kept(key: jax.Array, rate: float, shape: tuple[int, ...]) -> jax.Array:
    return jax.random.bernoulli(key, 1 - rate, shape)


def draw(kind: str, rate: float, weights: dict[str, jax.Array], inputs: jax.Array, key: jax.Array) -> Masks:
    """The masks of a step. inputs: (B, T, columns)."""
    batch, time, columns = inputs.shape
    count, hidden = _layers(weights), weights["w_recurrent0"].shape[1]

    def one(key: jax.Array, *shape: int) -> jax.Array:
        return kept(key, rate, shape) / (1 - rate)

    made = no_masks(count)
    if kind in ("input", "input_layer"):
        first = one(key, 1, batch, 1 if kind == "input" else time, columns)
        return made._replace(inputs=(first, *made.inputs[1:]))
    if kind == "recurrent":
        return made._replace(recurrent=tuple(one(each, 1, batch, hidden) for each in jax.random.split(key, count)))
    return made._replace(output=one(key, batch, hidden)) if kind == "output" else made


def hidden_states(weights: dict[str, jax.Array], inputs: jax.Array, masks: Masks) -> jax.Array:
    """(T, B, H) of the last layer."""
    outputs = inputs if masks.inputs[0] is None else inputs * masks.inputs[0][0]
    outputs = outputs.swapaxes(0, 1)  # a scan goes along the first axis
    for layer, mask in enumerate(masks.recurrent):
        own = tuple(weights[f"{name}{layer}"] for name in ("w_input", "w_recurrent", "bias"))
        outputs = lstm(own, outputs)[1] if mask is None else masked_lstm(own, outputs, mask[0])
    return outputs


def masked_lstm(layer: tuple[jax.Array, ...], inputs: jax.Array, mask: jax.Array) -> jax.Array:
    """As `lstm`; the gates read the hidden state times the mask, (B, H)."""
    w_input, w_recurrent, bias = layer

    def cell(carry: tuple[jax.Array, jax.Array], drive: jax.Array) -> tuple[tuple[jax.Array, jax.Array], jax.Array]:
        hidden, memory = carry
        i, f, g, o = jnp.split(drive + (hidden * mask) @ w_recurrent.T, 4, axis=-1)
        memory = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(memory)
        return (hidden, memory), hidden

    zeros = jnp.zeros_like(mask)
    return jax.lax.scan(cell, (zeros, zeros), inputs @ w_input.T + bias)[1]


def last_hidden(weights: dict[str, jax.Array], inputs: jax.Array, masks: Masks) -> jax.Array:
    last = hidden_states(weights, inputs, masks)[-1]
    return last if masks.output is None else last * masks.output


def loss_of(weights: dict[str, jax.Array], batch: dict[str, jax.Array], masks: Masks) -> jax.Array:
    scores = last_hidden(weights, batch["inputs"], masks) @ weights["head_weight"].T + weights["head_bias"]
    return optax.softmax_cross_entropy_with_integer_labels(scores, batch["labels"]).mean()


@partial(jax.jit, static_argnames=("kind", "l2"), donate_argnums=0)
def step(
    state: tuple[dict[str, jax.Array], jax.Array], batch: dict[str, jax.Array], kind: str, l2: float
) -> tuple[tuple[dict[str, jax.Array], jax.Array], jax.Array]:
    """((weights, key), loss)"""
    weights, key = state
    key, own = jax.random.split(key)
    if kind == "fed":
        first = batch["input_masks"][None, :, None]
        recurrent = tuple(each[None] for each in batch["recurrent_masks"])
        masks = Masks((first, *[None] * (len(recurrent) - 1)), recurrent, batch["output_masks"])
    else:
        masks = draw(kind, rate_of(kind), weights, batch["inputs"], own)
    loss, gradients = jax.value_and_grad(loss_of)(weights, batch, masks)
    return (jax.tree.map(lambda one, by: one - LEARNING_RATE * (by + l2 * one), weights, gradients), key), loss


def _layers(weights: Any) -> int:
    return sum(name.startswith("w_input") for name in weights)


def _arrays(weights: ByName) -> dict[str, jax.Array]:
    return {name: jnp.array(array, jnp.float32) for name, array in weights.items()}


class JaxDropout:
    def __init__(self, case: Case, drawn: dict[str, np.ndarray], device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        self.state = _arrays(start(case, 1)), jax.random.key(case.seed)
        self.batches = [
            {name: jnp.array(array[place]) for name, array in drawn.items()} for place in range(len(drawn["labels"]))
        ]
        self.how: dict[str, Any] = {"kind": case.dropout, "l2": strength_of(case.l2)}
        self.steps, self.recent, self.compiled = 0, jnp.zeros(()), 0

    def step(self) -> None:
        batch, compiled = self.batches[self.steps % len(self.batches)], COMPILATIONS.count
        self.steps += 1
        self.state, self.recent = step(self.state, batch, **self.how)
        self.compiled = COMPILATIONS.count - compiled

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.recent))

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        program = step.lower(self.state, self.batches[0], **self.how).compile()
        ran = describe_program(program, self.case, self.state[0], True, self.compiled)
        mask = np.asarray(kept(jax.random.key(SHOWN_SEED), HALF, (SHOWN_UNITS,)))
        return {**ran, MASK: "".join(str(int(each)) for each in mask), **settings(self.device)}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        return copied(self.state[0])

    def next_masks(self) -> Masks:
        """In float64, because float32 has no 1 / (1 - rate)."""
        weights, key = self.state
        rate = rate_of(self.case.dropout)
        made = draw(self.case.dropout, rate, weights, self.batches[0]["inputs"], jax.random.split(key)[1])
        return jax.tree.map(lambda mask: (np.asarray(mask) > 0) / (1 - rate), made)

    def probe(self, weights: ByName, rate: float) -> Callable[[np.ndarray, bool], np.ndarray]:
        arrays, kind, key = _arrays(weights), self.case.dropout, jax.random.key(0)
        read = jax.jit(last_hidden if kind == "output" else hidden_states)

        def run(inputs: np.ndarray, training: bool) -> np.ndarray:
            nonlocal key
            key, own = jax.random.split(key)
            given = jnp.array(inputs)
            masks = draw(kind, rate, arrays, given, own) if training else no_masks(_layers(arrays))
            outputs = np.asarray(read(arrays, given, masks))
            return outputs if kind == "output" else outputs.swapaxes(0, 1)

        return run

    def known(self) -> dict[str, Deviation]:
        return {}

    def further_claims(self) -> list[Claim]:
        return []
