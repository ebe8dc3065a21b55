"""Predictions in JAX. Weights and state are arguments and results of a function, so no call can change a model."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.cases.streams import Tokens
from embbench.engines.jax.device import Peak, set_up, settings
from embbench.engines.jax.steps import initial_weights, lstm, scores_of
from embbench.engines.jax.trial import initial_table
from embbench.workloads.inference import KeptArrays

CHOICES = {"way": ["call", "compiled"]}

# Way -> the call of a function.
WAYS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {"call": lambda f: f, "compiled": jax.jit}


def prepare(case: Case, tokens: Tokens) -> "JaxInference":
    return JaxInference(case, tokens, set_up(case))


def predict(weights: dict[str, Any], table: jax.Array, ids: jax.Array) -> jax.Array:
    """Scores (B, C)."""
    return scores_of(weights, table[ids])


class JaxInference:
    def __init__(self, case: Case, tokens: Tokens, device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        self.table, self.weights = initial_table(case, case.vocab, case.dim), initial_weights(case)
        self.predict = WAYS[case.way](predict)
        whole = len(tokens.ids) // case.per_call * case.per_call
        self.ids = [jnp.array(ids) for ids in tokens.ids[:whole].astype(np.int32)]
        self.batches, self.last = 0, jnp.zeros(0)

    def step(self) -> None:
        for _ in range(self.case.per_call):
            self.last = self.predict(self.weights, self.table, self.ids[self.batches % len(self.ids)])
            self.batches += 1

    def sync(self) -> None:
        jax.block_until_ready(self.last)

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        return settings(self.device)

    def kept(self) -> KeptArrays:
        leaves = jax.tree_util.tree_leaves_with_path({"table": self.table, "weights": self.weights})
        return ((jax.tree_util.keystr(path), np.asarray(array)) for path, array in leaves)

    def scores(self) -> np.ndarray:
        return np.asarray(self.last)

    def regularized(self) -> None:
        """Neither JAX nor optax has layers."""

    def cell(self, stateful: bool) -> "JaxZLstm":
        return JaxZLstm(self.case.way, stateful)

    def known(self) -> dict[str, Deviation]:
        return {}

    def further_claims(self) -> list[Claim]:
        return []


class JaxZLstm:
    """A stateful model passes the state on itself."""

    def __init__(self, way: str, stateful: bool) -> None:
        zeros = jnp.zeros((4, 1))
        layer = zeros, zeros, jnp.array([0.0, 0.0, 20.0, 0.0])
        self.call, self.stateful = WAYS[way](lambda inputs, start: lstm(layer, inputs, start)), stateful
        self.reset()

    def predict(self, steps: int) -> np.ndarray:
        state, outputs = self.call(jnp.ones((steps, 1, 1)), self.state)
        self.state = state if self.stateful else self.zeros
        return np.asarray(outputs)[:, 0, 0]

    def reset(self) -> None:
        self.zeros = jnp.zeros((1, 1)), jnp.zeros((1, 1))
        self.state = self.zeros
