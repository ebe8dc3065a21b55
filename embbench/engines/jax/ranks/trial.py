"""A table whose rows are spread over the ranks by NamedSharding, and the same jitted step, which XLA partitions."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embbench.cases.capabilities import Inside
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.cases.workload import initial_tile
from embbench.engines.jax.device import CHUNK, filled
from embbench.engines.jax.inside import inside_of
from embbench.engines.jax.ranks.mesh import Placements
from embbench.engines.jax.steps import State, initial_state, make_step
from embbench.engines.jax.trial import JaxTrial

COLLECTIVES = re.compile(r"= \S+ (all-gather|all-reduce|reduce-scatter|all-to-all|collective-permute)\(")


class SpreadTrial(JaxTrial):
    """Rows are padded to a multiple of the ranks: NamedSharding needs equal parts."""

    def __init__(self, case: Case, tokens: Tokens, device: jax.Device) -> None:
        self.places = Placements(case)
        super().__init__(case, tokens, device)

    def make_arrays(self) -> tuple[jax.Array | None, State]:
        case, places = self.case, self.places
        tile = initial_tile(case.seed, case.vocab, case.dim).astype(case.dtype)
        table = jax.jit(partial(_repeated, places.height), out_shardings=places.rows)(tile)
        trained = None if case.table == "frozen" else table
        make = partial(initial_state, case)
        placed = places.of(jax.eval_shape(make, trained), self.by_rows)
        state = jax.jit(make, out_shardings=placed, donate_argnums=0)(trained)  # no rank ever has a whole table
        return (table if trained is None else None), state

    @property
    def by_rows(self) -> bool:
        """Whether table and rest have separate optimizers."""
        return self.case.update == "sparse"

    def make_program(self) -> Any:
        placed = self.places.of(self.state, self.by_rows), self.places.everywhere
        return jax.jit(make_step(self.case), out_shardings=placed, donate_argnums=0)

    def stage(self, ids: np.ndarray, labels: np.ndarray) -> tuple[jax.Array, jax.Array]:
        return self.places.part(ids), self.places.part(labels)

    def rows_held(self) -> tuple[int, int]:
        """See `capabilities.Sharded`."""
        size = self.places.height // self.case.ranks
        first = jax.process_index() * size
        return first, min(self.case.vocab, first + size)

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return self._rows_of(self.state.trained.get("table", self.fixed), ids)

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        put = jax.jit(_put, out_shardings=self.places.rows, donate_argnums=0)
        for start in range(0, len(ids), CHUNK):
            part = slice(start, start + CHUNK)
            if self.fixed is not None:
                self.fixed = put(self.fixed, filled(ids[part]), filled(values[part]))
            else:
                table = self.state.trained.pop("table")
                self.state.trained["table"] = put(table, filled(ids[part]), filled(values[part]))

    def inspect(self, ids: np.ndarray) -> Inside:
        return inside_of(self.state, self.by_rows, ids, self._rows_of)

    def array_sum(self, size: int) -> Callable[[], None]:
        """See `capabilities.Summing`."""
        shape = self.case.ranks, size // 4
        arrays = jax.jit(partial(jnp.zeros, shape, jnp.float32), out_shardings=self.places.rows)()
        program = jax.jit(partial(jnp.sum, axis=0), out_shardings=self.places.everywhere)
        return lambda: program(arrays).block_until_ready()

    def describe(self) -> dict[str, Any]:
        text = self._compiled().as_text()
        found = Counter(COLLECTIVES.findall(text))
        exchanged = ", ".join(f"{count} {name}" for name, count in sorted(found.items())) or "none"
        padded = self.places.height - self.case.vocab
        told = {"collectives": exchanged, "padding rows": str(padded)}
        return {**super().describe(), **told}

    def parts(self) -> dict[str, Any]:
        """{}: lookup and gradient exchange rows with the other ranks."""
        return {}

    def table_alone(self) -> None:
        """None: the table cannot be stepped without the other ranks."""

    def profile(self, steps: int) -> dict[str, float]:
        return {}

    def _rows_of(self, array: jax.Array, ids: np.ndarray) -> np.ndarray:
        """(len(ids), columns): rows of an array that is spread by rows."""
        take = jax.jit(_take, out_shardings=self.places.everywhere)
        found = [np.asarray(take(array, filled(ids[at : at + CHUNK]))) for at in range(0, len(ids), CHUNK)]
        return np.concatenate([np.empty((0, array.shape[1]), array.dtype), *found])[: len(ids)]


def _repeated(height: int, tile: jax.Array) -> jax.Array:
    return tile[jnp.arange(height) % len(tile)]


def _take(array: jax.Array, ids: jax.Array) -> jax.Array:
    return array[ids]


def _put(array: jax.Array, ids: jax.Array, values: jax.Array) -> jax.Array:
    return array.at[ids].set(values)
