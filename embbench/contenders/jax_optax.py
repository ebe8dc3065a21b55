"""JAX: one jitted training step with donated state, optax optimizers, an LSTM by lax.scan."""

import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

if os.environ.get("CUDA_VISIBLE_DEVICES") == "-1":  # a CUDA plugin that is installed and finds no GPU is an error
    os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # else most of a GPU's memory is taken at once
os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"  # a user's cache on disk would make first_step_time a file's

import jax
import jax.numpy as jnp

from embbench.contenders._jax_steps import initial_state, look_up, make_step, places_of
from embbench.spec.case import Case
from embbench.spec.contender import Unsupported
from embbench.spec.streams import Tokens
from embbench.spec.workload import TABLE_RANGE, hybrid_shape

# copies and passes: from the optimized HLO on a CPU. A gradient is zeros (1 pass) and rows added to it; each state and
# the table are loops of their own, Adam's 3 + 3 + 4. Momentum's gradient is added to the decayed velocity in place.
DECLARES = {
    "summary": "JAX: a jitted step, optax, LSTM by lax.scan",
    "packages": ["jax", "jaxlib", "optax"],
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "base": 3.4e8,
    "start": 7.0,
    "epsilon": {"adagrad": "inside"},
    "onehot": 4,
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 2, "passes": 5},
            "adagrad": {"semantic": "exact", "copies": 3, "passes": 8},
            "adam": {"semantic": "dense", "copies": 4, "passes": 11},
            "adamw": {"semantic": "dense", "copies": 4, "passes": 11},
        },
        "sparse": {
            "sgd": {"semantic": "exact", "copies": 1, "lookups": 5},
            "momentum": {"semantic": "lazy", "copies": 2, "lookups": 6},
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 6},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 7},
            "adamw": {"semantic": "lazy", "copies": 3, "lookups": 7},
        },
        "undonated": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": "written for sgd and adam only, which show what the mistake costs",
            "adagrad": "written for sgd and adam only, which show what the mistake costs",
            "adam": {"semantic": "dense", "copies": 6, "passes": 11},
            "adamw": "written for sgd and adam only, which show what the mistake costs",
        },
    },
    "beware": [
        {
            "package": "jaxlib",
            "versions": ">=0.10.2,<=0.11.0",
            "devices": ["cuda"],
            "text": "a scatter-add with repeated indices is up to 2000 times slower (openxla/xla#46225, jax#38806)",
        },
    ],
}

TILE = 65_536
CHUNK = 1024  # rows read or written at once: one shape, so that reading compiles once and not for each count of rows


def prepare(case: Case, tokens: Tokens) -> "JaxTrial":
    os.environ["NPROC"] = str(case.threads)  # what XLA sizes its CPU pools by, when the first device is asked for
    try:
        device = jax.devices(case.device)[0]
    except RuntimeError:
        raise Unsupported("no CUDA device") from None
    jax.config.update("jax_default_device", device)
    if case.device == "cuda":  # else products of float32 are TF32; on a CPU the setting could change what runs
        jax.config.update("jax_default_matmul_precision", "highest")
    return JaxTrial(case, tokens, device)


class JaxTrial:
    """The text classifier. All that changes is `self.state`; `self.fixed` is the frozen (part of the) table."""

    def __init__(self, case: Case, tokens: Tokens, device: jax.Device) -> None:
        self.case, self.device = case, device
        rows, columns = {"frozen": (0, 0), "hybrid": hybrid_shape(case)}.get(case.table, (case.vocab, case.dim))
        trains, frozen = case.table != "frozen", case.table in ("frozen", "hybrid")
        self.fixed = _initial_table(case, case.vocab, case.dim - columns) if frozen else None
        self.state = initial_state(case, _initial_table(case, rows, columns) if trains else None)
        self.program = jax.jit(make_step(case), donate_argnums=() if case.update == "undonated" else (0,))
        # a list and not one array: picking a batch of it would be a program of its own, dispatched each step
        staged = zip(tokens.ids.astype(np.int32), tokens.labels.astype(np.int32), strict=True)
        self.batches = [(jnp.array(ids), jnp.array(labels)) for ids, labels in staged]
        self.steps, self.told_peak = 0, 0
        self.last: jax.Array | None = None
        self.donated = False

    def step(self) -> None:
        before = self.state
        self.state, self.last = self.program(before, self.fixed, *self._batch())
        self.donated = before.trained["weights"]["head"][0].is_deleted()
        self.steps += 1

    def sync(self) -> None:
        jax.block_until_ready((self.fixed, self.state, self.last, self.batches[-1]))

    def loss(self) -> float:
        assert self.last is not None, "no step yet"
        return float(self.last)

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        # By a program, not through np.asarray: that is a view of the whole table on a CPU, and an array that is
        # looked at from outside is copied where it is donated.
        rows = np.empty((len(ids), self.case.dim), self.case.dtype)
        for start in range(0, len(ids), CHUNK):
            part = slice(start, start + CHUNK)
            found = _read(self.fixed, self.state.trained.get("table"), _filled(ids[part]))
            rows[part] = np.asarray(found)[: len(ids[part])]
        return rows

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        for start in range(0, len(ids), CHUNK):
            part = slice(start, start + CHUNK)
            table = self.state.trained.pop("table", None)
            self.fixed, table = _write(self.fixed, table, _filled(ids[part]), _filled(values[part]))
            self.state.trained.update({} if table is None else {"table": table})

    def memory(self) -> dict[str, int]:
        """JAX cannot start a new peak: one that has not grown since the last call says nothing of the time since."""
        stats = self.device.memory_stats() if self.case.device == "cuda" else None
        peak = stats["peak_bytes_in_use"] if stats else 0
        if peak <= self.told_peak:
            return {}
        self.told_peak = peak
        return {"device_peak": peak}

    def describe(self) -> dict[str, Any]:
        # From the program that ran: JAX finds it again by its arguments and compiles nothing.
        program = self.program.lower(self.state, self.fixed, *self._batch()).compile()
        text, memory = program.as_text(), program.memory_analysis()
        state = sum(leaf.nbytes for leaf in jax.tree.leaves(self.state))
        loops = len(re.findall(rf'while\(.*known_trip_count":\{{"n":"{self.case.seq}"', text))
        kinds = set(re.findall(r"namedtuple\[(\w+)\]", str(jax.tree.structure(self.state.states)))) - {"EmptyState"}
        unrolled = "unknown" if " while(" in text else "lax.scan, unrolled by XLA"
        return {
            "lstm": f"lax.scan, {loops} XLA loops" if loops else unrolled,
            "float32 matmul": jax.config.jax_default_matmul_precision or "default",
            "optimizer": f"optax {', '.join(sorted(kinds)) or 'without state'}",
            "xla": f"on, {program.runtime_executable().__class__.__name__} for {self.device.device_kind}",
            "threads": _threads(),
            "donation": f"{memory.alias_size_in_bytes / state:.0%} of the state reused" if self.donated else "none",
            "temporaries": f"{memory.temp_size_in_bytes / 1e6:.1f} MB",
        }

    def _batch(self) -> tuple[jax.Array, jax.Array]:
        return self.batches[self.steps % len(self.batches)]


def _initial_table(case: Case, rows: int, columns: int) -> jax.Array:
    """(rows, columns) uniform in ±TABLE_RANGE, every TILE rows alike: drawing all of them would be most of
    build_time. Made on the device: an array that came from NumPy can be NumPy's own memory, which is copied, not
    reused, where it is donated.
    """
    tile = np.random.default_rng(case.seed).random((min(rows, TILE), columns), case.dtype)
    return _repeated((2 * tile - 1) * TABLE_RANGE, rows)


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


def _filled(part: np.ndarray) -> np.ndarray:
    """CHUNK long: the first entry fills what is left, so that nothing else is read or written."""
    return np.concatenate([part, np.repeat(part[:1], CHUNK - len(part), axis=0)])


def _threads() -> str:
    """Threads of XLA's CPU pool, counted: it has no getter."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return str(names.count("tf_XLAEigen")) if names else f"{os.environ['NPROC']} asked for"
