"""The JAX contender's table stepped alone: each program jitted, with the donation of the step."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from embbench.cases.capabilities import WOKEN, Operation, TablePrograms
from embbench.cases.workload import row_gradient
from embbench.engines.jax.parts import Parts
from embbench.engines.jax.steps import Array, BatchRows


def table_programs(parts: Parts, batches: list[tuple[Array, Array]]) -> TablePrograms:
    """parts: of a trial whose fence waits for them too. batches: ids and labels. There are no programs for one token:
    for a single row XLA compiles a different program, which copies the table (200k x 128: 77 ms instead of 2.7 ms).
    """
    flow = jnp.array(row_gradient(parts.case))
    whole = [ids for ids, _ in batches]
    operations = _operations(parts, whole, flow) if parts.by_rows else {}
    return _programs(parts, whole, flow)._replace(operations=operations)


def _programs(parts: Parts, batches: list[Array], flow: Array) -> TablePrograms:
    """batches: ids (B, S). flow: (B, S, D), the gradient by their rows."""
    trains = "table" in parts.get().trained
    held: dict[str, Array] = {}
    scratch = jnp.zeros(WOKEN)

    def look_up(batch: int) -> None:
        ids = batches[batch]
        if parts.by_rows:
            held["unique"], held["values"], held["places"], rows = _unique_rows(parts.get().trained["table"], ids)
        else:
            held["places"], rows = ids, parts.look_up(parts.get().trained, parts.fixed, ids)
        parts.waiting = held["rows"] = rows

    def find_gradient() -> None:
        parts.gradients = {}
        if parts.by_rows:
            summed = _summed(held["values"], held["places"], flow)
            parts.gradients = {"table": BatchRows(held["unique"], held["values"], summed)}
        else:
            parts.gradients = {"table": _summed(parts.get().trained["table"], held["places"], flow)}

    return TablePrograms(
        look_up,
        find_gradient if trains else None,
        parts.step_table if trains else None,
        lambda: np.asarray(held["rows"]),
        lambda: _stirred(scratch).block_until_ready(),
    )


def _operations(parts: Parts, batches: list[Array], flow: Array) -> dict[str, Operation]:
    """The operations of a step by rows. The sum is the same as in the gradient."""
    vocab = parts.case.vocab
    like = jnp.zeros((flow.shape[0] * flow.shape[1], flow.shape[2]), flow.dtype)
    held: dict[str, Array] = {}

    def index(batch: int) -> None:
        held["index"], held["places"] = _distinct(vocab, batches[batch])
        parts.waiting = held["places"]

    def sum_places(batch: int) -> None:
        parts.waiting = held["sum"] = _summed(like, held["places"], flow)

    return {
        "index": Operation(index, lambda: np.asarray(held["index"])),
        "sum": Operation(sum_places, lambda: np.asarray(held["sum"])),
    }


@jax.jit
def _stirred(values: Array) -> Array:
    return values + 1


@partial(jax.jit, static_argnums=0)
def _distinct(vocab: int, ids: Array) -> tuple[Array, Array]:
    """The batch's unique ids, and the place of each id of the batch among them."""
    unique, places = jnp.unique(ids, size=ids.size, fill_value=vocab, return_inverse=True)
    return unique, places.reshape(ids.shape)


@jax.jit
def _unique_rows(table: Array, ids: Array) -> tuple[Array, Array, Array, Array]:
    """The batch's unique rows, their values, the place of each id among them, and the rows of the batch."""
    unique, places = _distinct(len(table), ids)
    values = table.at[unique].get(mode="fill", fill_value=0)
    return unique, values, places, values[places]


@jax.jit
def _summed(like: Array, places: Array, flow: Array) -> Array:
    """The gradient by an array in the shape of `like`, whose rows were looked up at `places`."""
    return jnp.zeros_like(like).at[places].add(flow)
