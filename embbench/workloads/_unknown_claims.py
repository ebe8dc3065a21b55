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
    roots = {name: float(np.sqrt(second).max()) for name, second in moments.second.items()}
    moved = max(np.abs(array - before[name]).max() for name, array in held.items())
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(MOMENTS, lambda: [max(_off(reached, moments, name, roots[name]) for name in held)])
    yield check(
        WEIGHTS,
        lambda: [max(_moved_apart(got[name], held[name], moments.second[name], roots[name]) for name in held) / moved],
    )


def _wide(arrays: Mapping[str, np.ndarray]) -> ByName:
    return {name: np.asarray(array, np.float64) for name, array in arrays.items()}


def _off(got: tuple[ByName, ByName], want: Moments, name: str, root: float) -> float:
    """The largest difference of a first moment, as a share of the largest root of the second moment, or of a second
    moment, as a share of its largest. root: of an array's second moment, the largest.
    """
    first, second = got
    return max(
        float(np.abs(first[name] - want.first[name]).max()) / root,
        float(np.abs(second[name] - want.second[name]).max()) / root**2,
    )


def _moved_apart(got: np.ndarray, want: np.ndarray, second: np.ndarray, root: float) -> float:
    """The largest difference beyond rounding, where a gradient is above its rounding or exactly 0: Adam divides by the
    root of the second moment, and makes a whole step of a gradient that is nothing but rounding.
    """
    clear = (second == 0) | (np.sqrt(second) >= CLEAR * root)
    rounding = CHECKED * np.finfo(np.float32).eps * np.abs(want)
    return float(np.maximum(np.abs(got - want) - rounding, 0)[clear].max(initial=0))
