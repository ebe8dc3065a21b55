"""The whole step: lookup, network, gradient to the table, optimizer in its semantic class."""

import copy

import numpy as np

from embbench.oracle.network import Arrays, scores_and_gradients
from embbench.oracle.optimizers import KEPT, Optimizer
from embbench.spec.case import Case
from embbench.spec.contender import Declaration, Inside, Path
from embbench.spec.semantics import decays_others, moves_all_states, squares_apart
from embbench.spec.workload import HYBRID_ROWS, HYPERPARAMETERS, dense_weights, hybrid_shape

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
DOUBT = 16  # roundings by which a token's gradient may be off, of its largest entry; 1 to 3 are seen


class Oracle:
    """Steps some rows of a case's table. Rows are independent of each other, so that those of the first batch of a
    table of millions can be followed without the others.

    ids: (R,) the rows' ids in the whole table, sorted. rows: (R, D) their values. The columns of a hybrid table
    are the frozen part's, then the small trainable part's.

    slack: (R, D), by how much honest rounding in the case's dtype may move each entry away from `rows`. Where a
    gradient is near Adam's epsilon its sign and size are rounding, and Adam turns that into whole steps; a fixed
    tolerance would have to be loose everywhere to allow for it. loss_slack: the same of the last loss.
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
        rowwise = self.semantic == "rowwise"
        epsilon = declaration.place_of_epsilon(case.optimizer)
        self._table = Optimizer(case.optimizer, epsilon=path.epsilon or epsilon, rowwise=rowwise)
        self._slack, self.loss_slack = np.zeros_like(self._small), 0.0
        self._rounding = DOUBT * EPSILON[case.dtype]
        self._dense = dense_arrays(case, declaration.lstm_biases)
        self._optimizers = {name: Optimizer(case.optimizer, epsilon=epsilon) for name in self._dense}

    @classmethod
    def resumed(
        cls, case: Case, declaration: Declaration, ids: np.ndarray, rows: np.ndarray, inside: Inside, steps: int
    ) -> "Oracle":
        """Goes on where a trial is after `steps` updates. ids, rows: as of any oracle; inside: of these ids. Raises
        ValueError, with what is missing or has another shape.
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
        return one

    @property
    def weights(self) -> Arrays:
        """All that trains but the table, by name, now."""
        return {name: array.copy() for name, array in self._dense.items()}

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
        scores, loss, flow, gradients = scores_and_gradients(self._dense, self.rows[place], labels)
        self.loss_slack = self._rounding * max(1.0, float(np.abs(scores).max()))
        for name, array in self._dense.items():
            self._optimizers[name].update(array, gradients[name])
        if self.semantic != "frozen":
            group = self._group[place]
            unsure = self._unsure(scores, labels) + self._slack[group].max(axis=-1).sum(axis=-1)
            self._train_table(group, flow, unsure[:, None, None])
        return loss

    def _unsure(self, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(B,) by which share the gradient of a sequence may be off by rounding. It is what is missing to certainty,
        and where a sequence is learnt by heart, next to 1, little is left of that in the case's dtype.
        """
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        others = shifted.sum(axis=1) - shifted[np.arange(len(labels)), labels]
        return self._rounding * shifted.sum(axis=1) / np.maximum(others, 1e-30)

    def _train_table(self, group: np.ndarray, flow: np.ndarray, unsure: np.ndarray | float = 0.0) -> None:
        """unsure: by which share of its largest entry a token's gradient may be off besides DOUBT."""
        doubt = (self._rounding + unsure) * np.abs(flow).max(axis=-1, keepdims=True)
        flow = flow[..., self._fixed.shape[1] :]
        rows = None if moves_all_states(self.semantic) else np.unique(group)
        outcomes = []
        for possible in (flow - doubt, flow + doubt):
            outcomes.append(self._small.copy())
            squares = self._squares(group, possible)
            copy.deepcopy(self._table).update(outcomes[-1], self._sum(group, possible), rows, squares)
        self._slack += np.abs(outcomes[1] - outcomes[0])
        self._table.update(self._small, self._sum(group, flow), rows, self._squares(group, flow))
        if rows is not None and decays_others(self.semantic):
            told = HYPERPARAMETERS[self._table.name]
            self._small[np.setdiff1d(np.arange(len(self._small)), rows)] *= 1 - told.rate * told.decay

    def _sum(self, group: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Of each row's occurrences; the shape of the table."""
        total = np.zeros_like(self._small)
        np.add.at(total, group, values)
        return total

    def _squares(self, group: np.ndarray, flow: np.ndarray) -> np.ndarray | None:
        return self._sum(group, flow**2) if squares_apart(self.semantic) else None


def _shaped(value: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    """A copy in float64. One column stands for all, as of a state that is one value a row. Raises ValueError."""
    value = np.asarray(value)
    if value.shape != shape and value.shape != (*shape[:-1], 1):
        raise ValueError(f"{name} has the shape {value.shape} and not {shape}")
    return np.broadcast_to(value.astype(np.float64), shape).copy()


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
