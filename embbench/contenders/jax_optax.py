"""JAX: one jitted training step with donated state, optax optimizers, and an LSTM by lax.scan."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.jax.device import set_up
from embbench.engines.jax.trial import JaxTrial

DECLARES = {
    "summary": "JAX: a jitted step, optax, LSTM by lax.scan",
    "packages": ["jax", "jaxlib", "optax"],
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "base": 3.4e8,
    "start": 7.0,
    "engine_workloads": "jax",
    "engine": "jax/optax",
    "updates": ["default", "sparse", "undonated"],
}


def prepare(case: Case, tokens: Tokens) -> JaxTrial:
    return JaxTrial(case, tokens, set_up(case))
