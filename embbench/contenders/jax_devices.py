"""JAX over several devices of one process: on a CPU, devices that XLA makes of its threads. The program is that of
`jax_sharded`.
"""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.jax.ranks.mesh import set_up_devices
from embbench.engines.jax.ranks.trial import SpreadTrial

DECLARES = {
    "summary": "JAX: rows of the table spread by NamedSharding over the devices of one process",
    "packages": ["jax", "jaxlib", "optax"],
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable"],
    "base": 3.4e8,
    "start": 9.0,
    "engine": "jax/sharded",
    "updates": ["default", "sparse"],
    "spread": "rows",
    "one_process": True,
}


def prepare(case: Case, tokens: Tokens) -> SpreadTrial:
    return SpreadTrial(case, tokens, set_up_devices(case))
