"""The autoencoder in JAX, and what optax's Adadelta does without arguments."""

import math
from collections.abc import Iterator

import jax.numpy as jnp
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.engines.jax.workloads._dense import JaxDense, make_optimizer
from embbench.workloads import ByName
from embbench.workloads._autoencoder_plan import SETUPS, plan_of
from embbench.workloads._optimizer_facts import LENGTHS, NUMBERS, moved, of_adadelta

# Without `own`: it climbs, so that no step could be compared.
CHOICES = {"change": ["asked", "adam", "sgd", "linear_code", "relu_last"]}
RHO, EPSILON = 0.9, 1e-6  # of optax.adadelta
MOVED = (-3.16226185e-3, -0.406148914, -7.60582361)
# Seen with optax 0.2.8; `tests/bench/optax_adadelta.py` shows it without embbench.
CLIMBS = (
    "optax.adadelta() without arguments (rho 0.9, epsilon 1e-6) has no rate, and without one nothing turns the sign: "
    "its steps go uphill (optax 0.2.8; it was a TypeError before optax#1242). optax.adadelta(1.0) is PyTorch's default"
)


def prepare(case: Case, drawn: ByName) -> JaxDense:
    return JaxDense(case, drawn, plan_of(case), _claims() if case.change == "asked" else ())


def _claims() -> Iterator[Claim]:
    by_name = {NUMBERS.name: Deviation((-1.0, RHO, EPSILON), CLIMBS)}
    by_name |= {each.name: Deviation((value,), CLIMBS) for each, value in zip(moved(own=True), MOVED, strict=True)}
    yield from of_adadelta(_moved, _numbers, by_name)


def _moved(own: bool) -> list[float]:
    optimizer = optax.adadelta() if own else make_optimizer(SETUPS["asked"])
    weight, one, found = jnp.zeros(()), jnp.ones(()), []
    kept = optimizer.init(weight)
    for length in range(1, LENGTHS[-1] + 1):
        updates, kept = optimizer.update(one, kept, weight)
        weight = optax.apply_updates(weight, updates)
        if length in LENGTHS:
            found.append(-float(weight))
    return found


def _numbers() -> list[float]:
    """The rate is that of the first step, because optax shows none."""
    rate = _moved(own=True)[0] * math.sqrt(1 - RHO + EPSILON) / math.sqrt(EPSILON)
    return [float(f"{rate:.6g}"), RHO, EPSILON]
