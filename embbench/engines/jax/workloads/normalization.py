"""Batch norm and layer norm in JAX: it has no layers, so a few lines of one's own, with the defaults of flax."""

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
from embbench.workloads._normalization_expected import LEARNING_RATE
from embbench.workloads._normalization_network import Convention
from embbench.workloads.normalization import start

CONVENTION = Convention(epsilon=1e-5, kept=0.99, unbiased=False, layer_epsilon=1e-6)

NormArrays = dict[str, jax.Array]
STATISTICS = ("norm_mean", "norm_variance")


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "JaxNormalization":
    return JaxNormalization(case, drawn, set_up(case))


def layer_norm(held: NormArrays, values: jax.Array) -> jax.Array:
    mean, variance = values.mean(1, keepdims=True), values.var(1, keepdims=True)
    scaled = (values - mean) * jax.lax.rsqrt(variance + CONVENTION.layer_epsilon)
    return scaled * held["norm_scale"] + held["norm_shift"]


def batch_norm(
    held: NormArrays, values: jax.Array, training: bool, kept: float = CONVENTION.kept
) -> tuple[jax.Array, NormArrays]:
    """(output, new moving statistics)"""
    moving = {name: held[name] for name in STATISTICS}
    if training:
        found = dict(zip(STATISTICS, (values.mean(0), values.var(0)), strict=True))
        moving = {name: kept * moving[name] + (1 - kept) * found[name] for name in STATISTICS}
    else:
        found = moving
    scaled = (values - found["norm_mean"]) * jax.lax.rsqrt(found["norm_variance"] + CONVENTION.epsilon)
    return scaled * held["norm_scale"] + held["norm_shift"], moving


def forward(
    held: NormArrays, inputs: jax.Array, onehots: jax.Array, norm: str, training: bool
) -> tuple[jax.Array, NormArrays]:
    """(scores, new moving statistics; {} without batch norm)"""
    moving: NormArrays = {}

    def at(place: str, values: jax.Array) -> jax.Array:
        nonlocal moving
        if norm == f"layer_{place}":
            return layer_norm(held, values)
        if norm == f"batch_{place}":
            values, moving = batch_norm(held, values, training)
        return values

    layer = held["w_input0"], held["w_recurrent0"], held["bias0"]
    last = lstm(layer, inputs.swapaxes(0, 1))[1][-1]
    joined = at("after", jnp.concatenate([at("before", last), onehots], 1))
    dense = at("dense", joined @ held["dense_weight"].T + held["dense_bias"])
    return jax.nn.relu(dense) @ held["head_weight"].T + held["head_bias"], moving


def loss_of(trained: NormArrays, moving: NormArrays, batch: NormArrays, norm: str) -> tuple[jax.Array, NormArrays]:
    scores, moving = forward(trained | moving, batch["inputs"], batch["onehots"], norm, training=True)
    return optax.softmax_cross_entropy_with_integer_labels(scores, batch["labels"]).mean(), moving


@partial(jax.jit, static_argnames="norm", donate_argnums=0)
def step(
    state: tuple[NormArrays, NormArrays], batch: NormArrays, rate: float, norm: str
) -> tuple[tuple[NormArrays, NormArrays], jax.Array]:
    """((weights, moving statistics), loss)"""
    trained, moving = state
    (loss, moving), gradients = jax.value_and_grad(loss_of, has_aux=True)(trained, moving, batch, norm)
    return (jax.tree.map(lambda one, by: one - rate * by, trained, gradients), moving), loss


predict = jax.jit(lambda held, inputs, onehots, norm: forward(held, inputs, onehots, norm, False)[0], static_argnums=3)


class JaxNorm:
    """A norm alone."""

    def __init__(self, kind: str, columns: int, kept: float) -> None:
        self.kind, self.kept = kind, kept
        ones, zeros = jnp.ones(columns), jnp.zeros(columns)
        self.held = {"norm_scale": ones, "norm_shift": zeros, "norm_mean": zeros, "norm_variance": ones}

    def _run(self, rows: np.ndarray, training: bool) -> np.ndarray:
        if self.kind == "layer":
            return np.asarray(layer_norm(self.held, jnp.array(rows)))
        output, moving = batch_norm(self.held, jnp.array(rows), training, self.kept)
        self.held |= moving
        return np.asarray(output)

    def train(self, rows: np.ndarray) -> np.ndarray:
        return self._run(rows, training=True)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self._run(rows, training=False)

    def moving(self) -> ByName:
        return {name: np.asarray(self.held[name]) for name in STATISTICS}


class JaxNormalization:
    convention = CONVENTION

    def __init__(self, case: Case, drawn: dict[str, np.ndarray], device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        self.batches = [
            {name: jnp.array(array[place]) for name, array in drawn.items()} for place in range(len(drawn["labels"]))
        ]
        self.steps, self.recent, self.compiled = 0, jnp.zeros(()), 0
        self.restart(start(case, 1))

    def restart(self, weights: ByName, rate: float = LEARNING_RATE) -> None:
        self.rate = rate
        arrays = {name: jnp.array(array, jnp.float32) for name, array in weights.items()}
        moving = {name: arrays.pop(name) for name in STATISTICS if name in arrays}
        self.state = arrays, moving

    def step(self) -> None:
        batch, compiled = self.batches[self.steps % len(self.batches)], COMPILATIONS.count
        self.steps += 1
        self.state, self.recent = step(self.state, batch, self.rate, norm=self.case.norm)
        self.compiled = COMPILATIONS.count - compiled

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.recent))

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        program = step.lower(self.state, self.batches[0], self.rate, norm=self.case.norm).compile()
        ran = describe_program(program, self.case, self.state[0], True, self.compiled)
        return {**ran, **settings(self.device)}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        trained, moving = self.state
        return copied(trained | moving)

    def scores(self, inputs: np.ndarray, onehots: np.ndarray) -> np.ndarray:
        trained, moving = self.state
        return np.asarray(predict(trained | moving, jnp.array(inputs), jnp.array(onehots), self.case.norm))

    def layer(self, kind: str, columns: int, kept: float | None = None) -> JaxNorm:
        return JaxNorm(kind, columns, CONVENTION.kept if kept is None else kept)

    def known(self) -> dict[str, Deviation]:
        return {}

    def further_claims(self) -> list[Claim]:
        return []
