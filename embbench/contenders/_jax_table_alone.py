"""The JAX contender's table stepped by itself: each program jitted, and donated as the step is."""

import jax
import jax.numpy as jnp
import numpy as np

from embbench.contenders._jax_parts import Parts
from embbench.contenders._jax_steps import Rows
from embbench.spec.capabilities import WOKEN, TablePrograms
from embbench.spec.workload import row_gradient

Array = jax.Array


def table_programs(parts: Parts, batches: list[tuple[Array, Array]]) -> TablePrograms:
    """parts: of a trial whose fence waits for them too. batches: ids and labels."""
    flow = jnp.array(row_gradient(parts.case))
    trains = "table" in parts.get().trained
    held: dict[str, Array] = {}
    scratch = jnp.zeros(WOKEN)

    def look_up(batch: int) -> None:
        ids = batches[batch][0]
        if parts.by_rows:
            held["unique"], held["values"], held["places"], rows = _unique_rows(parts.get().trained["table"], ids)
        else:
            held["places"], rows = ids, parts.look_up(parts.get().trained, parts.fixed, ids)
        parts.waiting = held["rows"] = rows

    def find_gradient() -> None:
        parts.gradients = {}
        if parts.by_rows:
            summed = _summed(held["values"], held["places"], flow)
            parts.gradients = {"table": Rows(held["unique"], held["values"], summed)}
        else:
            parts.gradients = {"table": _summed(parts.get().trained["table"], held["places"], flow)}

    return TablePrograms(
        look_up,
        find_gradient if trains else None,
        parts.step_table if trains else None,
        lambda: np.asarray(held["rows"]),
        lambda: _stirred(scratch).block_until_ready(),
    )


@jax.jit
def _stirred(values: Array) -> Array:
    return values + 1


@jax.jit
def _unique_rows(table: Array, ids: Array) -> tuple[Array, Array, Array, Array]:
    """The batch's unique rows, what they hold, where each id is among them, and the rows of the batch."""
    unique, places = jnp.unique(ids, size=ids.size, fill_value=len(table), return_inverse=True)
    values = table.at[unique].get(mode="fill", fill_value=0)
    places = places.reshape(ids.shape)
    return unique, values, places, values[places]


@jax.jit
def _summed(like: Array, places: Array, flow: Array) -> Array:
    """The gradient by an array of the same shape, of which rows were looked up at places."""
    return jnp.zeros_like(like).at[places].add(flow)
