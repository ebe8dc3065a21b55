"""The whole step: lookup, network, gradient to the table, optimizer in its semantic class."""

import copy

import numpy as np

from embbench.cases.capabilities import Inside
from embbench.cases.case import Case
from embbench.cases.contender import Declaration
from embbench.cases.semantics import decays_others, moves_all_states, squares_apart
from embbench.cases.update_path import Path
from embbench.cases.workload import HYBRID_ROWS, HYPERPARAMETERS, hybrid_shape
from embbench.oracle.doubt import DOUBT, EPSILON, cancelled, rounding_of
from embbench.oracle.intervals import Interval
from embbench.oracle.optimizers import KEPT, Optimizer
from embbench.oracle.rounded import RoundedOptimizer, RoundedTable
from embbench.workloads import ByName, network_of

ENLARGE = frozenset({"adagrad", "adam", "adamw"})  # a small gradient moves a weight as far as a large gradient does


class Oracle:
    """Steps some rows of a case's table. Rows are independent of each other, so the oracle can follow the rows of the
    first batch of a table of millions without the others.

    ids: (R,) the rows' ids in the whole table, sorted. rows: (R, D) their values. The columns of a hybrid table are
    first the frozen part's, then the small trainable part's.

    slack: (R, D), how far honest rounding in the case's dtype may move each entry away from `rows`. Where a gradient is
    near Adam's epsilon, its sign and size are rounding errors, and Adam turns them into whole steps. A fixed tolerance
    was rejected: it would have to be loose everywhere. loss_slack: the same for the last loss.
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
        how = {
            "epsilon": path.epsilon or epsilon,
            "parts": {"rowwise": 1, "rowwise-parts": case.ranks}.get(self.semantic, 0),
        }
        if path.precision is None:
            self._rounded, self._table = None, Optimizer(case.optimizer, **how)
        else:
            self._rounded = RoundedTable(path.precision, self._small)
            self._table = RoundedOptimizer(case.optimizer, **how, precision=path.precision)
        self._slack, self.loss_slack = np.zeros_like(self._small), 0.0
        self._dtype, self._rounding = case.dtype, DOUBT * EPSILON[case.dtype]
        self._network = network_of(case).scores_and_gradients
        self._made = 0  # steps since the weights were equal to the trial's
        self._dense = network_of(case).start(case, declaration.lstm_biases)
        self._optimizers = {name: Optimizer(case.optimizer, epsilon=epsilon) for name in self._dense}

    @classmethod
    def resumed(
        cls, case: Case, declaration: Declaration, ids: np.ndarray, rows: np.ndarray, inside: Inside, steps: int
    ) -> "Oracle":
        """An oracle that continues from a trial after `steps` updates. ids, rows: see Oracle. inside: of the trial, for
        these ids. Raises ValueError where a weight or state is missing or has another shape.
        """
        one = cls(case, declaration, ids, rows)
        for name, start in one._dense.items():
            if name not in inside.weights:
                raise ValueError(f"there is no {name} among its weights")
            one._dense[name] = _shaped(inside.weights[name], start.shape, name)
        trained = {} if one.semantic == "frozen" else {"table": one._table}
        for name, optimizer in {**one._optimizers, **trained}.items():
            optimizer.step = steps
            shape = (len(ids), one._small.shape[1]) if name == "table" else one._dense[name].shape
            for state in KEPT[case.optimizer]:
                if state not in inside.states.get(name, {}):
                    raise ValueError(f"there is no state '{state}' of {name}")
                value = _shaped(inside.states[name][state], shape, f"'{state}' of {name}")
                optimizer.state[state] = value[one._first] if name == "table" else value
        one.resume_master(inside.states.get("table", {}).get("master"))
        return one

    @property
    def weights(self) -> ByName:
        """All current trained weights except the table, by name."""
        return {name: array.copy() for name, array in self._dense.items()}

    @property
    def rows(self) -> np.ndarray:
        """(R, D) current values."""
        return np.concatenate([self._fixed, self._small[self._group]], axis=1)

    @property
    def slack(self) -> np.ndarray:
        return np.concatenate([np.zeros_like(self._fixed), self._slack[self._group]], axis=1)

    def step(self, ids: np.ndarray, labels: np.ndarray) -> float:
        """One training step on ids (B, S), all among `self.ids`, and labels in the shape of the workload. Returns the
        loss before the update.
        """
        place = np.searchsorted(self.ids, ids)
        rows = self.rows[place]
        scores, loss, flow, gradients = self._network(self._dense, rows, labels)
        self.loss_slack = self._rounding * max(1.0, float(np.abs(scores).max()))
        self.loss_slack += float((np.abs(flow) * self.slack[place]).sum())  # from the slack of the rows
        if self.semantic != "frozen":
            group = self._group[place]
            unsure = self._unsure(scores, labels) + self._slack[group].max(axis=-1).sum(axis=-1)
            # With each unread step the weights of a trial move some roundings further from these: in one of 16
            # consecutive steps, a token's gradient was off by 405 roundings (compact Adagrad, 2M rows). A table of few
            # bits is read after fewer steps.
            unsure += 0.0 if self._rounded is not None else self._made * self._rounding
            doubt = rounding_of(flow, self._dtype, unsure) + self._cancelled(rows, labels, flow)
            self._train_table(group, flow, doubt)
        for name, array in self._dense.items():
            self._optimizers[name].update(array, gradients[name])
        self._made += 1
        return loss

    def step_table(self, ids: np.ndarray, flow: np.ndarray) -> None:
        """One step of the table alone. ids: (B, S), all among `self.ids`. flow: (B, S, D), the gradient by the rows
        looked up.
        """
        doubt = rounding_of(flow, self._dtype, np.zeros(len(flow)))
        self._train_table(self._group[np.searchsorted(self.ids, ids)], flow, doubt)

    def _unsure(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(B,) the relative rounding error of a sequence's gradient. The gradient is proportional to 1 - p of the
        label. Where the network has memorised a label, p is next to 1, and rounding in the case's dtype leaves little
        of 1 - p. For a sequence with several labels the largest error counts: the gradients of all labels meet in its
        tokens.
        """
        shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
        whole = shifted.sum(axis=-1)
        others = whole - np.take_along_axis(shifted, np.expand_dims(labels, -1), -1)[..., 0]
        unsure = self._rounding * whole / np.maximum(others, 1e-30)
        return unsure.reshape(len(labels), -1).max(axis=1)

    def _cancelled(self, rows: np.ndarray, labels: np.ndarray, flow: np.ndarray) -> np.ndarray | float:
        """See `cancelled`. The weights are still those of the pass that made `flow`."""
        if self._table.name in ENLARGE and self._dtype == "float32":
            return cancelled(self._network, self._dense, rows, labels, flow)
        return 0.0

    def _train_table(self, group: np.ndarray, flow: np.ndarray, doubt: np.ndarray) -> None:
        """doubt: (B, S, 1), the possible error of each entry of a token's gradient."""
        flow = flow[..., self._fixed.shape[1] :]
        rows = None if moves_all_states(self.semantic) else np.unique(group)
        if self._rounded is not None:
            self._train_rounded(self._rounded, group, Interval(flow - doubt, flow + doubt), rows)
            return
        self._widen(group, flow, doubt, rows)
        self._table.update(self._small, self._sum(group, flow), rows, self._squares(group, flow))
        if rows is not None and decays_others(self.semantic):
            told = HYPERPARAMETERS[self._table.name]
            self._small[np.setdiff1d(np.arange(len(self._small)), rows)] *= 1 - told.rate * told.decay

    def _widen(self, group: np.ndarray, flow: np.ndarray, doubt: np.ndarray, rows: np.ndarray | None) -> None:
        """Adds to the slack how far apart the smallest and the largest possible gradient move the rows."""
        outcomes = []
        for possible in (flow - doubt, flow + doubt):
            outcomes.append(self._small.copy())
            squares = self._squares(group, possible)
            copy.deepcopy(self._table).update(outcomes[-1], self._sum(group, possible), rows, squares)
        self._slack += np.abs(outcomes[1] - outcomes[0])

    def _train_rounded(self, table: RoundedTable, group: np.ndarray, flow: Interval, rows: np.ndarray | None) -> None:
        apart = squares_apart(self.semantic)
        table.train(self._table, flow, lambda values: self._sum(group, values), rows, apart)
        if rows is not None and decays_others(self.semantic):
            table.decay(np.setdiff1d(np.arange(len(self._small)), rows), self._table.name)
        self._follow(table)

    def _follow(self, table: RoundedTable) -> None:
        """Of the possible rows, takes those nearest to the present rows."""
        between = table.between
        self._small = np.clip(self._small, between.low, between.high)
        self._slack = np.maximum(between.high - self._small, self._small - between.low)

    def adopt(self, rows: np.ndarray) -> None:
        """Continues from rows (R, D) that were read, as far as rounding allows them. Only for a table in fewer bits:
        there a program's own rounding is a visible part of its later results.
        """
        if self._rounded is not None:
            self._small = rows[self._first].astype(np.float64)
            self._rounded.adopt(self._small)
            self._follow(self._rounded)

    def resume_master(self, master: np.ndarray | None) -> None:
        """For a trial with a table in fewer bits that has already made steps. master: (R, D), its float32 copy of the
        rows; None where the trial shows none. Does nothing for other trials.
        """
        if self._rounded is not None:
            self._rounded.resume(self._small, None if master is None else master[self._first].astype(np.float64))

    @property
    def master(self) -> Interval | None:
        """(R, D): bounds on the float32 copy of the rows of a table in fewer bits; None for other tables."""
        return None if self._rounded is None else self._rounded.master[self._group]

    def unlike(self, rows: np.ndarray) -> str:
        """What shows that rows (R, D) were not stored as declared; '' where nothing does."""
        return "" if self._rounded is None else self._rounded.unlike(rows)

    def _sum(self, group: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The sum over each row's occurrences, in the shape of the table."""
        total = np.zeros_like(self._small)
        np.add.at(total, group, values)
        return total

    def _squares(self, group: np.ndarray, flow: np.ndarray) -> np.ndarray | None:
        return self._sum(group, flow**2) if squares_apart(self.semantic) else None


def _shaped(value: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    """A copy in float64. A state with one value per row is repeated for all columns. Raises ValueError."""
    value = np.asarray(value)
    if value.shape != shape and value.shape != (*shape[:-1], 1):
        raise ValueError(f"{name} has the shape {value.shape} and not {shape}")
    return np.broadcast_to(value.astype(np.float64), shape).copy()
