"""The proof of the workload `unknown_class`: steps against NumPy's."""

from collections.abc import Iterator, Mapping

import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.workloads import ByName
from embbench.workloads._unknown_expected import CHECKED, LOSSES, MOMENTS, WEIGHTS, Rejecting
from embbench.workloads._unknown_network import Moments, adam_step, loss_and_gradients

CLEAR = 1e-3  # of the largest root of an array's second moment


def of_steps(case: Case, drawn: ByName, trial: Rejecting, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights and
    the same state of Adam.
    """
    before = held = _wide(trial.weights())
    first, second = map(_wide, trial.moments())
    moments, apart = Moments(first, second, steps), []
    for step in range(steps, steps + CHECKED):
        ids, labels = (drawn[name][step % len(drawn["ids"])] for name in ("ids", "labels"))
        loss, gradients, squares = loss_and_gradients(held, ids, labels, case.reject)
        held, moments = adam_step(held, moments, gradients, squares, trial.adam)
        trial.step()
        apart.append(abs(trial.loss() - loss))
    got, reached = _wide(trial.weights()), trial.moments()
    clear = {name: _clear(second) for name, second in moments.second.items()}
    moved = max(np.abs(array - before[name]).max() for name, array in held.items())
    pairs = list(zip(reached, (moments.first, moments.second), strict=True))
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(MOMENTS, lambda: [max(_apart(one[name], other[name]) for one, other in pairs for name in other)])
    yield check(WEIGHTS, lambda: [max(np.abs(got[name] - held[name])[clear[name]].max() for name in held) / moved])


def _wide(arrays: Mapping[str, np.ndarray]) -> ByName:
    return {name: np.asarray(array, np.float64) for name, array in arrays.items()}


def _clear(second: np.ndarray) -> np.ndarray:
    """Where a gradient is above its rounding, or exactly 0. Adam divides by the root of the second moment, and makes a
    whole step of a gradient that is nothing but rounding.
    """
    root = np.sqrt(second)
    return (second == 0) | (root >= CLEAR * root.max())


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, as a share of the largest number."""
    return float(np.abs(one - other).max() / np.abs(other).max())
