"""The oracle's own network and optimizers, in the case's dtype."""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from embbench.cases.capabilities import Inside, TablePrograms
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.cases.workload import TABLE_TILE, hybrid_shape, initial_tile
from embbench.engines.numpy.table_alone import table_programs
from embbench.oracle.optimizers import Optimizer
from embbench.workloads import network_of


class NumpyTrial:
    """fixed: (V, D or less), the frozen part of the table. table: the part that trains. Either may have no columns."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        whole = case.vocab, case.dim
        rows, columns = {"frozen": (0, 0), "hybrid": hybrid_shape(case)}.get(case.table, whole)
        self.case, self.ids, self.labels = case, tokens.ids.astype(case.ids, copy=False), tokens.labels
        self.fixed = _initial_table(case, case.vocab, case.dim - columns)
        self.table = _initial_table(case, rows, columns)
        start = network_of(case).start(case, lstm_biases=1)
        self.weights = {name: array.astype(case.dtype) for name, array in start.items()}
        self.optimizers = {
            name: Optimizer(case.optimizer, state=_states(case, array)) for name, array in self.weights.items()
        }
        self.of_table = Optimizer(case.optimizer, state=_states(case, self.table))
        self.train = self._train_rows if case.update == "sparse" else self._train_all
        self.network = network_of(case).scores_and_gradients
        self.steps = 0
        self.last = float("nan")

    def step(self) -> None:
        self._find_gradients()
        self._update_rest()
        self.update_table()

    def parts(self) -> dict[str, Callable[[], None]]:
        def look_up() -> None:
            self.look_up(self._next()[0])

        def network() -> None:
            ids, labels = self._next()
            *_, self.gradients = self.network(self.weights, self.look_up(ids), labels)

        parts = {"lookup": look_up, "network": network, "update_rest": self._update_rest}
        if self.table.size:
            parts |= {"gradients": self._find_gradients, "update_table": self.update_table}
        return parts

    def table_alone(self) -> TablePrograms | None:
        return table_programs(self)

    def sync(self) -> None:
        """Does nothing: NumPy has finished when it returns."""

    def loss(self) -> float:
        return self.last

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return self.look_up(ids)

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        columns = self.fixed.shape[1]
        self.fixed[ids] = values[:, :columns]
        if self.table.size:
            self.table[self._places(ids)] = values[:, columns:]

    def inspect(self, ids: np.ndarray) -> Inside:
        states = {
            name: {state: array.copy() for state, array in each.state.items()} for name, each in self.optimizers.items()
        }
        counted = self.optimizers["head_bias"]
        if self.table.size:
            counted = self.of_table
            states["table"] = {name: state[self._places(ids)] for name, state in counted.state.items()}
        return Inside(counted.step, {name: array.copy() for name, array in self.weights.items()}, states)

    def memory(self) -> dict[str, int]:
        return {}

    def describe(self) -> dict[str, Any]:
        arrays = [self.fixed, self.table, *self.weights.values(), *self.of_table.state.values()]
        arrays += [state for each in self.optimizers.values() for state in each.state.values()]
        return {
            "lstm": "loop over time steps",
            "optimizer": f"{type(self.of_table).__name__} of the oracle",
            "precision": ", ".join(sorted({array.dtype.name for array in arrays})),
            **_blas(),
        }

    def _next(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids and labels of the next batch."""
        batch = self.steps % len(self.ids)
        self.steps += 1
        return self.ids[batch], self.labels[batch]

    def _find_gradients(self) -> None:
        ids, labels = self._next()
        _, self.last, flow, self.gradients = self.network(self.weights, self.look_up(ids), labels)
        if self.table.size:
            self.sum_rows(ids, flow[..., self.fixed.shape[1] :])

    def sum_rows(self, ids: np.ndarray, flow: np.ndarray) -> None:
        """The gradient of the table: its rows, and the sums of their entries of `flow`."""
        self.rows, place = np.unique(self._places(ids), return_inverse=True)
        self.sums = np.zeros((len(self.rows), self.table.shape[1]), self.table.dtype)
        np.add.at(self.sums, place.reshape(ids.shape), flow)

    def _update_rest(self) -> None:
        for name, array in self.weights.items():
            self.optimizers[name].update(array, self.gradients[name])

    def update_table(self) -> None:
        if self.table.size:
            self.train(self.rows, self.sums)

    def look_up(self, ids: np.ndarray) -> np.ndarray:
        if not self.table.size:
            return self.fixed[ids]
        trained = self.table[self._places(ids)]
        return np.concatenate([self.fixed[ids], trained], axis=-1) if self.fixed.size else trained

    def _places(self, ids: np.ndarray) -> np.ndarray:
        """Places of ids in the trained table. Ids past a hybrid table's small part share its last row."""
        return np.minimum(ids, len(self.table) - 1)

    def _train_all(self, rows: np.ndarray, sums: np.ndarray) -> None:
        gradient = np.zeros_like(self.table)
        gradient[rows] = sums
        self.of_table.update(self.table, gradient)

    def _train_rows(self, rows: np.ndarray, sums: np.ndarray) -> None:
        """Takes out the rows and their states, steps them like a small table, and writes them back. The optimizer's own
        `rows` was rejected: it needs a gradient in the shape of the whole table.
        """
        states = self.of_table.state
        small = Optimizer(self.case.optimizer, step=self.of_table.step)
        small.state = {name: state[rows] for name, state in states.items()}
        values = self.table[rows]
        small.update(values, sums)
        self.of_table.step = small.step
        self.table[rows] = values
        for name, state in states.items():
            state[rows] = small.state[name]


def _initial_table(case: Case, rows: int, columns: int) -> np.ndarray:
    table = np.empty((rows, columns), case.dtype)
    tile = initial_tile(case.seed, rows, columns)
    for start in range(0, rows, TABLE_TILE):
        part = table[start : start + TABLE_TILE]
        part[:] = tile[: len(part)]
    return table


def _states(case: Case, array: np.ndarray) -> dict[str, np.ndarray]:
    """An array's optimizer states, written and not only reserved. A step on a single entry gives their names."""
    one = Optimizer(case.optimizer)
    one.update(np.zeros((1, 1)), np.zeros((1, 1)))
    return {name: np.full_like(array, 0) for name in one.state}


# Functions that return the number of threads of a BLAS library: OpenBLAS in wheels and in other builds, MKL, BLIS.
THREAD_GETTERS = (
    "scipy_openblas_get_num_threads64_",
    "openblas_get_num_threads64_",
    "openblas_get_num_threads",
    "MKL_Get_Max_Threads",
    "bli_thread_get_num_threads",
)


def _blas() -> dict[str, str]:
    """Name of the BLAS that NumPy was built with, and the number of threads of the loaded library."""
    told = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    maps = Path("/proc/self/maps")
    lines = maps.read_text().splitlines() if maps.exists() else []
    libraries = sorted({line.split()[-1] for line in lines if ".so" in line and ("blas" in line or "mkl_rt" in line)})
    found = (getattr(ctypes.CDLL(path), name, None) for path in libraries for name in THREAD_GETTERS)
    threads = next((str(ask()) for ask in found if ask is not None), "unknown")
    return {"blas": f"{told.get('name', 'unknown')} {told.get('version', '')}".strip(), "threads": threads}
