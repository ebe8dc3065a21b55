"""JAX over several processes: rows of the table spread by NamedSharding, a single program that XLA partitions."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.jax.ranks.mesh import set_up_ranks
from embbench.engines.jax.ranks.trial import SpreadTrial

DECLARES = {
    "summary": "JAX: rows of the table spread over the ranks by NamedSharding",
    "packages": ["jax", "jaxlib", "optax"],
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable"],
    "base": 3.4e8,
    "start": 10.0,
    "engine": "jax/sharded",
    "updates": ["default", "sparse"],
    "spread": "rows",
}


def prepare(case: Case, tokens: Tokens) -> SpreadTrial:
    return SpreadTrial(case, tokens, set_up_ranks(case))
