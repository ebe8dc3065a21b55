"""The proof of the workload `unknown_class`: steps against NumPy's."""

from collections.abc import Iterator, Mapping

import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.workloads import ByName
from embbench.workloads._unknown_expected import CHECKED, LOSSES, WEIGHTS, Rejecting
from embbench.workloads._unknown_network import Moments, adam_step, loss_and_gradients


def of_steps(case: Case, drawn: ByName, trial: Rejecting, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights and
    the same state of Adam.
    """
    before = held = _wide(trial.weights())
    started = trial.moments()
    moments, apart = Moments(_wide(started.first), _wide(started.second), started.made), []
    for step in range(steps, steps + CHECKED):
        ids, labels = (drawn[name][step % len(drawn["ids"])] for name in ("ids", "labels"))
        loss, gradients, squares = loss_and_gradients(held, ids, labels, case.reject)
        held, moments = adam_step(held, moments, gradients, squares, trial.adam)
        trial.step()
        apart.append(abs(trial.loss() - loss))
    got = trial.weights()
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(WEIGHTS, lambda: [_apart(got, held) / _apart(before, held)])


def _wide(arrays: Mapping[str, np.ndarray]) -> ByName:
    return {name: np.asarray(array, np.float64) for name, array in arrays.items()}


def _apart(one: Mapping[str, np.ndarray], other: ByName) -> float:
    """The largest difference of two sets of weights."""
    return float(max(np.abs(np.asarray(one[name], np.float64) - other[name]).max() for name in other))
