"""A layer per time step in JAX: on all time steps at once, in a Python loop with a stack, or in a jax.vmap."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.cases.workload import CLASSES
from embbench.engines.jax.device import COMPILATIONS, Peak, copied, describe_program, set_up, settings
from embbench.engines.jax.steps import lstm
from embbench.workloads import ByName
from embbench.workloads._timedistributed_expected import (
    COLUMNS,
    COUNTED,
    EPSILON,
    FILTERS,
    FLAT,
    KERNEL,
    LEARNING_RATE,
    MAP,
    SAME_LAYERS,
    SIDE,
    WITH_FRONT,
    Applied,
)
from embbench.workloads.timedistributed import start

CHOICES = {"per_step": ["flat", "wrapped", "mapped", "flat_conv", "wrapped_conv"]}

NamedArrays = dict[str, jax.Array]
Layer = Callable[[jax.Array], jax.Array]


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "JaxPerStep":
    return JaxPerStep(case, drawn, set_up(case))


def per_step(layer: Layer, inputs: jax.Array, way: str) -> jax.Array:
    """The layer on each time step. inputs: (B, T, ...)."""
    if way.startswith("wrapped"):
        return jnp.stack([layer(inputs[:, time]) for time in range(inputs.shape[1])], 1)
    if way == MAP:
        return jax.vmap(layer, in_axes=1, out_axes=1)(inputs)
    outputs = layer(inputs.reshape(-1, *inputs.shape[2:]))
    return outputs.reshape(*inputs.shape[:2], *outputs.shape[1:])


def dense(weight: jax.Array, bias: jax.Array, inputs: jax.Array) -> jax.Array:
    """(..., outputs). weight: (outputs, inputs)."""
    return inputs @ weight.T + bias


def convolve(weight: jax.Array, bias: jax.Array, frames: jax.Array) -> jax.Array:
    """(N, Y, X, FILTERS). weight: (FILTERS, KERNEL, KERNEL). frames: (N, SIDE, SIDE, 1)."""
    order = ("NHWC", "OHWI", "NHWC")
    return jax.lax.conv_general_dilated(frames, weight[..., None], (1, 1), "VALID", dimension_numbers=order) + bias


def front(weights: NamedArrays, frames: jax.Array) -> jax.Array:
    return jax.nn.relu(convolve(weights["conv_weight"], weights["conv_bias"], frames)).mean((1, 2))


def layer_norm(inputs: jax.Array) -> jax.Array:
    return (inputs - inputs.mean(-1, keepdims=True)) / jnp.sqrt(inputs.var(-1, keepdims=True) + EPSILON)


def loss_of(weights: NamedArrays, inputs: jax.Array, labels: jax.Array, way: str, head: Callable = dense) -> jax.Array:
    """head: called with weight, bias and inputs."""
    if way in WITH_FRONT:
        inputs = per_step(partial(front, weights), inputs.reshape(*inputs.shape[:2], SIDE, SIDE, 1), way)
    layer = weights["w_input0"], weights["w_recurrent0"], weights["bias0"]
    hidden = lstm(layer, inputs.swapaxes(0, 1))[1].swapaxes(0, 1)
    on_step = partial(head, weights["head_weight"], weights["head_bias"])
    scores = on_step(hidden) if way in (FLAT, *WITH_FRONT) else per_step(on_step, hidden, way)
    return optax.softmax_cross_entropy_with_integer_labels(scores, labels).mean()


@partial(jax.jit, static_argnames="way", donate_argnums=0)
def step(weights: NamedArrays, inputs: jax.Array, labels: jax.Array, way: str) -> tuple[NamedArrays, jax.Array]:
    """(weights, loss)"""
    loss, gradients = jax.value_and_grad(loss_of)(weights, inputs, labels, way)
    return jax.tree.map(lambda array, by: array - LEARNING_RATE * by, weights, gradients), loss


def make_layer(name: str, width: int) -> Layer:
    keys = jax.random.split(jax.random.key(0), 4)
    if name == "dense":
        weight, bias = jax.random.normal(keys[0], (CLASSES, width)) / width**0.5, jax.random.normal(keys[1], (CLASSES,))
        return partial(dense, weight, bias)
    if name == "convolution":
        weight = jax.random.normal(keys[2], (FILTERS, KERNEL, KERNEL)) / KERNEL
        return partial(convolve, weight, jax.random.normal(keys[3], (FILTERS,)))
    return layer_norm


class JaxPerStep:
    def __init__(self, case: Case, drawn: dict[str, np.ndarray], device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        self.state = _arrays(start(case, 1))
        self.batches = [
            tuple(jnp.array(drawn[name][place]) for name in ("inputs", "labels"))
            for place in range(len(drawn["labels"]))
        ]
        self.steps, self.recent, self.compiled = 0, jnp.zeros(()), 0

    def step(self) -> None:
        batch, compiled = self.batches[self.steps % len(self.batches)], COMPILATIONS.count
        self.steps += 1
        self.state, self.recent = step(self.state, *batch, way=self.case.per_step)
        self.compiled = COMPILATIONS.count - compiled

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.recent))

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        program = step.lower(self.state, *self.batches[0], way=self.case.per_step).compile()
        return {**describe_program(program, self.case, self.state, True, self.compiled), **settings(self.device)}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        return copied(self.state)

    def has(self) -> tuple[str, ...]:
        """What batch normalization and dropout do is the function that you write."""
        return SAME_LAYERS

    def apply(self, layer: str, inputs: np.ndarray, way: str) -> Applied:
        made, given = make_layer(layer, inputs.shape[-1]), jnp.array(inputs)
        at_once = way == FLAT and layer != "convolution"
        return Applied(np.asarray(made(given) if at_once else per_step(made, given, way)))

    def calls(self) -> int:
        count = 0

        def head(*given: jax.Array) -> jax.Array:
            nonlocal count
            count += 1
            return dense(*given)

        weights, inputs = _arrays(start(self.case, 1)), jnp.zeros((1, COUNTED, COLUMNS))
        labels = jnp.zeros((1, COUNTED), int)
        jax.jit(lambda *given: jax.grad(loss_of)(*given, self.case.per_step, head)).lower(weights, inputs, labels)
        return count

    def known(self) -> dict[str, Deviation]:
        return {}

    def further_claims(self) -> list[Claim]:
        return []


def _arrays(weights: ByName) -> NamedArrays:
    return {name: jnp.array(array, jnp.float32) for name, array in weights.items()}
