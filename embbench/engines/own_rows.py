"""Which rows of a table a step of a user's own model moves, in weights and optimizer state: seen before and after a
step, never taken from arguments.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from embbench.cases.found_table import Moves, TableClass

WATCHED = 4  # steps whose lookups are counted; a further step on the last of their batches shows what moves
MORE = 16  # steps, where all of the first batches look up the same rows
# Of a movement, by decay: its least share, and what is left without decay over what is left with it.
LEAST_LEFT, EXPLAINED = 1e-6, 10.0
MOST_ROWS = 512  # of each kind of row that are looked at


class Lookup(NamedTuple):
    """A lookup of rows by a step. operation: the framework's name. where: 'file.py:30' of the user's code. ids: (U,)
    distinct rows, sorted. count: rows with repetitions. padding: row of padding; None without.
    """

    operation: str
    where: str
    ids: np.ndarray
    count: int
    padding: int | None = None


class Rows(NamedTuple):
    """Row numbers: now, looked up by the step. earlier, by earlier steps only. never, by no step so far."""

    now: np.ndarray
    earlier: np.ndarray
    never: np.ndarray

    def after(self, last: np.ndarray) -> "Rows":
        """The rows after a step that looked up the rows `last`: a step that draws rows at random looks up others than
        it did before.
        """
        return Rows(
            self.now[np.isin(self.now, last)],
            self.earlier[~np.isin(self.earlier, last)],
            self.never[~np.isin(self.never, last)],
        )


class RowsSeen(NamedTuple):
    """ids: (R,) rows, sorted. weights: (R, columns). states: name -> (R, ...). gradient: (R, columns), of the step
    before; None where unknown.
    """

    ids: np.ndarray
    weights: np.ndarray
    states: dict[str, np.ndarray]
    gradient: np.ndarray | None = None

    def of(self, ids: np.ndarray) -> "RowsSeen":
        """The same of some of the rows."""
        at = np.searchsorted(self.ids, ids)
        states = {name: value[at] for name, value in self.states.items()}
        return RowsSeen(ids, self.weights[at], states, None if self.gradient is None else self.gradient[at])


class RowMoves(NamedTuple):
    """semantic, moves: see `cases.found_table`. by: '', or why rows outside the batch move: 'momentum', 'decay',
    'gradient'. zero: whether such rows have a gradient, of zeros.
    """

    moves: Moves
    semantic: TableClass
    by: str
    zero: bool


def distinct_rows(lookups: Iterable[Lookup]) -> np.ndarray:
    """(U,) distinct rows of all lookups, sorted."""
    return np.unique(np.concatenate([np.zeros(0, np.int64), *(each.ids for each in lookups)]))


def rows_of(steps: Sequence[np.ndarray], count: int) -> Rows:
    """Samples of the rows of a table with `count` rows. steps: (U,) distinct rows of each step so far, of which the
    last step is repeated.
    """
    touched = np.zeros(count, np.int8)
    for each in steps[:-1]:
        touched[each] = 1
    touched[steps[-1]] = 2
    now, earlier, never = (_sample(np.flatnonzero(touched == kind)) for kind in (2, 1, 0))
    return Rows(now, earlier, never)


def all_of(rows: Rows) -> np.ndarray:
    """(R,) all rows, sorted."""
    return np.sort(np.concatenate(rows))


def classify(rows: Rows, before: RowsSeen, after: RowsSeen) -> RowMoves:
    """rows: around a step, see `Rows.after`. before, after: these rows and others, before and after the step."""
    seen = {kind: (before.of(ids), after.of(ids)) for kind, ids in rows._asdict().items()}
    weights = {kind: not np.array_equal(old.weights, new.weights) for kind, (old, new) in seen.items()}
    states = {kind: _states_moved(old, new) for kind, (old, new) in seen.items()}
    gradients = [seen[kind][1].gradient for kind in ("earlier", "never")]
    zero = any(each is not None and len(each) for each in gradients) and not any(map(_any, gradients))

    def moves(which: Moves, semantic: TableClass, by: str = "") -> RowMoves:
        return RowMoves(which, semantic, by, zero)

    if not any(weights.values()) and not any(states.values()):
        return moves("none", "dead")
    if weights["never"]:
        return moves("all", "dense", "" if gradients[1] is None else "gradient" if _any(gradients[1]) else "decay")
    if weights["earlier"]:
        return moves("earlier", "dense", "gradient" if _any(gradients[0]) else "momentum")
    if states["never"] or states["earlier"]:
        return moves("state", "dense", "decay")
    if _rowwise(before):
        return moves("batch", "rowwise")
    others = len(rows.earlier) + len(rows.never)
    return moves("batch", "exact" if not others or _adds(*seen["now"]) else "lazy")


def _sample(ids: np.ndarray) -> np.ndarray:
    """At most MOST_ROWS of the ids, evenly over them."""
    return ids[:: max(1, len(ids) // MOST_ROWS)][:MOST_ROWS]


def _states_moved(before: RowsSeen, after: RowsSeen) -> bool:
    return any(not np.array_equal(value, after.states[name]) for name, value in before.states.items())


def _any(gradient: np.ndarray | None) -> bool:
    return gradient is not None and bool(np.any(gradient))


def _rowwise(seen: RowsSeen) -> bool:
    """Whether the optimizer has a single value for each row."""
    sizes = {value[0].size for value in seen.states.values() if len(value)}
    return sizes == {1} and seen.weights.shape[1] > 1


def _decays(before: RowsSeen, after: RowsSeen) -> bool:
    """Whether weights without state move by their gradient and by a share of themselves. Clipped gradients do not fit
    the gradient alone either, so the weights must explain what the gradient leaves.
    """
    if after.gradient is None or not before.weights.size:
        return False
    weights, gradient = (each.astype(np.float64).ravel() for each in (before.weights, after.gradient))
    moved = after.weights.astype(np.float64).ravel() - weights
    alone, both = (_left_over(moved, parts) for parts in ((gradient,), (gradient, weights)))
    return alone > LEAST_LEFT * float(np.linalg.norm(moved)) and alone > EXPLAINED * both


def _left_over(moved: np.ndarray, parts: Sequence[np.ndarray]) -> float:
    """The norm of what a sum of multiples of the parts does not explain, by least squares."""
    columns = np.stack(parts, axis=1)
    fitted = columns @ np.linalg.lstsq(columns, moved, rcond=None)[0]
    return float(np.linalg.norm(moved - fitted))


def _adds(before: RowsSeen, after: RowsSeen) -> bool:
    """Whether the state of a row only adds squares of gradients (Adagrad), or there is no state, and the weights do not
    decay: a row without a gradient then stays as it is in dense training too. Any other state forgets, so dense
    training would move the row.
    """
    if not before.states:
        return not _decays(before, after)
    if after.gradient is None:
        return False
    square = after.gradient.astype(np.float64) ** 2
    atol = 1e-4 * float(square.max(initial=0))
    return all(
        np.allclose(after.states[name].astype(np.float64) - value, square, rtol=1e-2, atol=atol)
        for name, value in before.states.items()
    )
