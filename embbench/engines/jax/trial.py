"""A jitted training step with donated state: the text classifier, its optimizers from optax."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from embbench.cases.capabilities import Inside, TablePrograms
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.cases.workload import hybrid_shape, initial_tile
from embbench.engines.jax.device import CHUNK, COMPILATIONS, Peak, describe_program, filled, settings
from embbench.engines.jax.inside import inside_of
from embbench.engines.jax.parts import Parts
from embbench.engines.jax.profile import profiled
from embbench.engines.jax.steps import SCOPES, State, initial_state, look_up, make_step, places_of
from embbench.engines.jax.table_alone import table_programs


class JaxTrial:
    """The text classifier. Only `self.state` changes. `self.fixed` is the frozen (part of the) table."""

    def __init__(self, case: Case, tokens: Tokens, device: jax.Device) -> None:
        self.case, self.device, self.peak = case, device, Peak(device)
        self.fixed, self.state = self.make_arrays()
        self.program = self.make_program()
        # A list, because picking a batch out of one array would be a separate program, dispatched in each step.
        staged = zip(tokens.ids.astype(np.int32), tokens.labels.astype(np.int32), strict=True)
        self.batches = [self.stage(ids, labels) for ids, labels in staged]
        self.steps, self.compiled = 0, 0
        self.last: jax.Array | None = None
        self.donated = False
        self.apart: Parts | None = None

    def make_arrays(self) -> tuple[jax.Array | None, State]:
        """The frozen (part of the) table, None without one, and the state of the first step."""
        case = self.case
        rows, columns = {"frozen": (0, 0), "hybrid": hybrid_shape(case)}.get(case.table, (case.vocab, case.dim))
        trains, frozen = case.table != "frozen", case.table in ("frozen", "hybrid")
        fixed = initial_table(case, case.vocab, case.dim - columns) if frozen else None
        return fixed, initial_state(case, initial_table(case, rows, columns) if trains else None)

    def make_program(self) -> Any:
        """The jitted step."""
        return jax.jit(make_step(self.case), donate_argnums=() if self.case.update == "undonated" else (0,))

    def stage(self, ids: np.ndarray, labels: np.ndarray) -> tuple[jax.Array, jax.Array]:
        """A batch on the device."""
        return jnp.array(ids), jnp.array(labels)

    def step(self) -> None:
        before, compiled = self.state, COMPILATIONS.count
        self.state, self.last = self.program(before, self.fixed, *self._batch())
        self.donated = before.trained["weights"]["head"][0].is_deleted()
        self.compiled = COMPILATIONS.count - compiled
        self.steps += 1

    def parts(self) -> dict[str, Callable[[], None]]:
        return self._apart().programs()

    def table_alone(self) -> TablePrograms | None:
        return table_programs(self._apart(), self.batches) if self.case.table in ("frozen", "trainable") else None

    def _apart(self) -> Parts:
        def put(state: State) -> None:
            self.state = state

        self.apart = Parts(self.case, self.fixed, self._next, lambda: self.state, put, self.step)
        return self.apart

    def profile(self, steps: int) -> dict[str, float]:
        """Only where scopes cover a part. On a GPU the host only launches the work."""
        if self.case.device != "cpu" or self.case.update == "sparse":
            return {}
        return profiled(self, self._compiled().as_text(), steps, SCOPES)

    def _compiled(self) -> jax.stages.Compiled:
        """The program that ran. JAX finds it by its arguments and compiles nothing."""
        return self.program.lower(self.state, self.fixed, *self._batch()).compile()

    def sync(self) -> None:
        waiting = None if self.apart is None else (self.apart.waiting, self.apart.gradients)
        jax.block_until_ready((self.fixed, self.state, self.last, self.batches[-1], waiting))

    def loss(self) -> float:
        assert self.last is not None, "no step yet"
        return float(self.last)

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        rows = np.empty((len(ids), self.case.dim), self.case.dtype)
        for start in range(0, len(ids), CHUNK):
            part = slice(start, start + CHUNK)
            found = _read(self.fixed, self.state.trained.get("table"), filled(ids[part]))
            rows[part] = np.asarray(found)[: len(ids[part])]
        return rows

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        for start in range(0, len(ids), CHUNK):
            part = slice(start, start + CHUNK)
            table = self.state.trained.pop("table", None)
            self.fixed, table = _write(self.fixed, table, filled(ids[part]), filled(values[part]))
            self.state.trained.update({} if table is None else {"table": table})

    def inspect(self, ids: np.ndarray) -> Inside:
        table = self.state.trained.get("table")
        places = ids if table is None else np.minimum(ids, len(table) - 1)
        return inside_of(self.state, self.case.update == "sparse", places)

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        kinds = set(re.findall(r"namedtuple\[(\w+)\]", str(jax.tree.structure(self.state.states)))) - {"EmptyState"}
        return {
            **describe_program(self._compiled(), self.case, self.state, self.donated, self.compiled),
            "ids": str(self.batches[0][0].dtype),  # JAX makes int32 of what it is given
            "optimizer": f"optax {', '.join(sorted(kinds)) or 'without state'}",
            **settings(self.device),
        }

    def _next(self) -> tuple[jax.Array, jax.Array]:
        self.steps += 1
        return self.batches[(self.steps - 1) % len(self.batches)]

    def _batch(self) -> tuple[jax.Array, jax.Array]:
        return self.batches[self.steps % len(self.batches)]


def initial_table(case: Case, rows: int, columns: int) -> jax.Array:
    """A table made on the device. An array from NumPy may be NumPy's own memory, which is copied, not reused, where it
    is donated.
    """
    return _repeated(initial_tile(case.seed, rows, columns).astype(case.dtype), rows)


@partial(jax.jit, static_argnums=1)
def _repeated(tile: jax.Array, rows: int) -> jax.Array:
    return tile[jnp.arange(rows) % len(tile)]


@jax.jit
def _read(fixed: jax.Array | None, table: jax.Array | None, ids: jax.Array) -> jax.Array:
    return look_up(fixed, ids, table, places_of(ids, fixed, table))


@partial(jax.jit, donate_argnums=(0, 1))
def _write(
    fixed: jax.Array | None, table: jax.Array | None, ids: jax.Array, values: jax.Array
) -> tuple[jax.Array | None, jax.Array | None]:
    columns = 0 if fixed is None else fixed.shape[1]
    if fixed is not None:
        fixed = fixed.at[ids].set(values[:, :columns])
    if table is not None:
        table = table.at[places_of(ids, fixed, table)].set(values[:, columns:])
    return fixed, table
