"""The regression in JAX, and what weight decay is in optax."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import optax

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.engines.jax.workloads._dense import JaxDense
from embbench.workloads import ByName
from embbench.workloads._optimizer_facts import ADAM_STEP, DECAY_OF_ADAMW, L2_OF_SGD, SGD_STEP, WEIGHT
from embbench.workloads._regression_plan import plan_of

CHOICES = {"remedy": ["off", "l2", "weight_decay"]}


def prepare(case: Case, drawn: ByName) -> JaxDense:
    return JaxDense(case, drawn, plan_of(case), _claims() if case.remedy == "off" else ())


def _claims() -> Iterator[Claim]:
    adamw = optax.adamw(ADAM_STEP.rate, weight_decay=ADAM_STEP.factor)
    yield check(L2_OF_SGD, lambda: _moved(optax.sgd(SGD_STEP.rate), SGD_STEP.factor))
    yield check(DECAY_OF_ADAMW, lambda: _moved(adamw))


def _moved(optimizer: optax.GradientTransformation, l2: float = 0.0) -> list[float]:
    """Movement down of a weight by a step. l2: factor of its square, the loss."""
    weight = jnp.full((), WEIGHT)
    gradient = jax.grad(lambda each: l2 * each**2)(weight)
    updates, _ = optimizer.update(gradient, optimizer.init(weight), weight)
    return [WEIGHT - float(optax.apply_updates(weight, updates))]
