"""The whole step: lookup, network, gradient to the table, optimizer in its semantic class."""

import copy

import numpy as np

from embbench.oracle.intervals import Interval
from embbench.oracle.network import Arrays, loss_and_gradients
from embbench.oracle.optimizers import Optimizer
from embbench.oracle.rounded import RoundedOptimizer, RoundedTable
from embbench.spec.case import Case
from embbench.spec.contender import Declaration, Path
from embbench.spec.semantics import moves_others, squares_apart
from embbench.spec.workload import HYBRID_ROWS, dense_weights, hybrid_shape

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
DOUBT = 16  # roundings by which a token's gradient may be off, of its largest entry; 1 to 3 are seen


class Oracle:
    """Steps some rows of a case's table. Rows are independent of each other, so that those of the first batch of a
    table of millions can be followed without the others.

    ids: (R,) the rows' ids in the whole table, sorted. rows: (R, D) their values. The columns of a hybrid table
    are the frozen part's, then the small trainable part's.

    slack: (R, D), by how much honest rounding in the case's dtype may move each entry away from `rows`. Where a
    gradient is near Adam's epsilon its sign and size are rounding, and Adam turns that into whole steps; a fixed
    tolerance would have to be loose everywhere to allow for it.
    """

    def __init__(self, case: Case, declaration: Declaration, ids: np.ndarray, rows: np.ndarray) -> None:
        path = declaration.path(case)
        assert isinstance(path, Path)
        self.semantic = declaration.semantic(case)
        self.ids = ids
        shared = np.minimum(ids, HYBRID_ROWS - 1) if case.table == "hybrid" else ids
        _, self._first, self._group = np.unique(shared, return_index=True, return_inverse=True)
        columns = {"frozen": 0, "hybrid": hybrid_shape(case)[1]}.get(case.table, case.dim)
        self._fixed = rows[:, : case.dim - columns].astype(np.float64)
        self._small = rows[self._first, case.dim - columns :].astype(np.float64)
        epsilon = declaration.place_of_epsilon(case.optimizer)
        how = {"epsilon": path.epsilon or epsilon, "rowwise": self.semantic == "rowwise"}
        if path.precision is None:
            self._rounded, self._table = None, Optimizer(case.optimizer, **how)
        else:
            self._rounded = RoundedTable(path.precision, self._small)
            self._table = RoundedOptimizer(case.optimizer, **how, precision=path.precision)
        self._slack = np.zeros_like(self._small)
        self._rounding = DOUBT * EPSILON[case.dtype]
        self._dense = dense_arrays(case, declaration.lstm_biases)
        self._optimizers = {name: Optimizer(case.optimizer, epsilon=epsilon) for name in self._dense}

    @property
    def rows(self) -> np.ndarray:
        """(R, D) values now."""
        return np.concatenate([self._fixed, self._small[self._group]], axis=1)

    @property
    def slack(self) -> np.ndarray:
        return np.concatenate([np.zeros_like(self._fixed), self._slack[self._group]], axis=1)

    def step(self, ids: np.ndarray, labels: np.ndarray) -> float:
        """One training step on ids (B, S), all among `self.ids`, and labels (B,); the loss before the update."""
        place = np.searchsorted(self.ids, ids)
        loss, flow, gradients = loss_and_gradients(self._dense, self.rows[place], labels)
        for name, array in self._dense.items():
            self._optimizers[name].update(array, gradients[name])
        if self.semantic != "frozen":
            self._train_table(self._group[place], flow)
        return loss

    def _train_table(self, group: np.ndarray, flow: np.ndarray) -> None:
        doubt = self._rounding * np.abs(flow).max(axis=-1, keepdims=True)
        flow = flow[..., self._fixed.shape[1] :]
        rows = None if moves_others(self.semantic) else np.unique(group)
        if self._rounded is not None:
            self._train_rounded(self._rounded, group, Interval(flow - doubt, flow + doubt), rows)
            return
        outcomes = []
        for possible in (flow - doubt, flow + doubt):
            outcomes.append(self._small.copy())
            squares = self._squares(group, possible)
            copy.deepcopy(self._table).update(outcomes[-1], self._sum(group, possible), rows, squares)
        self._slack += np.abs(outcomes[1] - outcomes[0])
        self._table.update(self._small, self._sum(group, flow), rows, self._squares(group, flow))

    def _train_rounded(self, table: RoundedTable, group: np.ndarray, flow: Interval, rows: np.ndarray | None) -> None:
        apart = squares_apart(self.semantic)
        table.train(self._table, flow, lambda values: self._sum(group, values), rows, apart)
        self._follow(table)

    def _follow(self, table: RoundedTable) -> None:
        """Of the rows that may be, those next to where they were."""
        between = table.between
        self._small = np.clip(self._small, between.low, between.high)
        self._slack = np.maximum(between.high - self._small, self._small - between.low)

    def adopt(self, rows: np.ndarray) -> None:
        """Goes on from rows (R, D) that were read, as far as rounding allows for them. Only of a table that is kept in
        fewer bits: there a program's own rounding is a visible part of what it computes with.
        """
        if self._rounded is not None:
            self._small = rows[self._first].astype(np.float64)
            self._rounded.adopt(self._small)
            self._follow(self._rounded)

    def resume_master(self, master: np.ndarray | None) -> None:
        """After steps of a trial that keeps its table in fewer bits: (R, D) its float32 copy of the rows, None where it
        shows none. Nothing to do for any other trial.
        """
        if self._rounded is not None:
            self._rounded.resume(self._small, None if master is None else master[self._first].astype(np.float64))

    @property
    def master(self) -> Interval | None:
        """(R, D): between what the float32 copy of the rows of a table in fewer bits lies."""
        return None if self._rounded is None else self._rounded.master[self._group]

    def unlike(self, rows: np.ndarray) -> str:
        """What shows rows (R, D) that were read to be other than how the table is said to be kept; '' where nothing."""
        return "" if self._rounded is None else self._rounded.unlike(rows)

    def _sum(self, group: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Of each row's occurrences; the shape of the table."""
        total = np.zeros_like(self._small)
        np.add.at(total, group, values)
        return total

    def _squares(self, group: np.ndarray, flow: np.ndarray) -> np.ndarray | None:
        return self._sum(group, flow**2) if squares_apart(self.semantic) else None


def dense_arrays(case: Case, lstm_biases: int) -> Arrays:
    """The initial weights by name; a second LSTM bias, where a framework trains one, starts at zero.

    Two bias vectors get the same gradient each, so that their sum moves twice as far as one would.
    """
    initial = dense_weights(case)
    arrays: Arrays = {}
    for layer, (w_input, w_recurrent, bias) in enumerate(initial.layers):
        arrays |= {f"w_input{layer}": w_input, f"w_recurrent{layer}": w_recurrent, f"bias{layer}": bias}
        if lstm_biases == 2:
            arrays[f"second_bias{layer}"] = np.zeros_like(bias)
    return arrays | {"head_weight": initial.head_weight, "head_bias": initial.head_bias}
