"""The claims of the workload `dropout`: steps against NumPy's, and what a probe shows of the masks."""

from collections.abc import Iterator, Mapping

import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.workloads import ByName
from embbench.workloads._dropout_expected import (
    ANEW,
    CHECKED,
    EXACT,
    HALF,
    LEARNING_RATE,
    LOSSES,
    PLACES,
    PREDICTED,
    WEIGHTS,
    Dropping,
    kept,
    over_gates,
    over_time,
    rate_of,
    strength_of,
    timed_factors,
    timed_zeros,
    zeros,
)
from embbench.workloads._dropout_probe import multipliers, probe_of
from embbench.workloads._lstm_masked import Masks, loss_and_gradients, no_masks


def of_steps(case: Case, drawn: ByName, trial: Dropping, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights."""
    before = weights = {name: np.asarray(array, np.float64) for name, array in trial.weights().items()}
    apart, used = [], []
    for step in range(steps, steps + CHECKED):
        batch = step % len(drawn["inputs"])
        masks = _masks_of(case, drawn, batch, trial)
        trial.step()
        inputs = drawn["inputs"][batch].astype(np.float64)
        loss, gradients = loss_and_gradients(weights, inputs, drawn["labels"][batch], masks)
        strength = strength_of(case.l2)
        weights = {name: w - LEARNING_RATE * (gradients[name] + strength * w) for name, w in weights.items()}
        apart.append(abs(trial.loss() - loss))
        used += [each.ravel() for each in (*masks.inputs, *masks.recurrent, masks.output) if each is not None]
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(WEIGHTS, lambda: [_apart(trial.weights(), weights) / _apart(before, weights)])
    if used and case.dropout in PLACES:
        factors = np.concatenate(used)
        kept_ones = factors[factors != 0]
        yield check(timed_zeros(case.dropout, len(factors)), lambda: [(factors == 0).mean()])
        yield check(timed_factors(case.dropout), lambda: [kept_ones.min(), kept_ones.max()])


def _masks_of(case: Case, drawn: ByName, batch: int, trial: Dropping) -> Masks:
    if case.dropout == "off":
        return no_masks(case.layers)
    if case.dropout != "fed":
        return trial.next_masks()
    inputs, recurrent, output = (
        drawn[name][batch].astype(np.float64) for name in ("input_masks", "recurrent_masks", "output_masks")
    )
    return Masks((inputs[None, :, None], *(None,) * (case.layers - 1)), tuple(each[None] for each in recurrent), output)


def _apart(one: Mapping[str, np.ndarray], other: ByName) -> float:
    """The largest difference of two sets of weights."""
    return float(np.max([np.abs(np.asarray(one[name], np.float64) - other[name]).max() for name in other]))


def of_masks(kind: str, trial: Dropping) -> Iterator[Claim]:
    """What networks show that are made for showing masks, see `_dropout_probe`."""
    known, place = trial.known(), PLACES[kind]
    probe = probe_of(place)
    run = trial.probe(probe.weights, rate_of(kind))
    factors = multipliers(place, run(probe.inputs, True))
    nonzero = factors[factors > EXACT]
    yield check(zeros(kind), lambda: [1 - (_first(factors) > EXACT).mean()], known)
    yield check(kept(kind), lambda: [nonzero.min(), nonzero.max()], known)
    yield check(PREDICTED, lambda: [_changed(multipliers(place, run(probe.inputs, False)))], known)
    if kind == "recurrent_control":
        return
    half = trial.probe(probe.weights, HALF)
    one, two = (multipliers(place, half(probe.inputs, True)) > EXACT for _ in range(2))
    yield check(ANEW, lambda: [(_first(one) == _first(two)).mean()], known)
    if place != "output":
        yield check(over_time(kind), lambda: [one_for_all(one, axis=1)[:, 0].mean()], known)
        yield check(over_gates(kind), lambda: [tied_share(one)], known)


def _first(seen: np.ndarray) -> np.ndarray:
    """(B, U): of the first time step and the first gate, whose units are drawn independently."""
    return seen if seen.ndim == 2 else seen[:, 0, 0]


def _changed(factors: np.ndarray) -> int:
    return int((~(np.abs(factors - 1) <= EXACT)).sum())


def one_for_all(seen: np.ndarray, axis: int) -> np.ndarray:
    """Whether all masks along the axis are equal."""
    return (seen == seen.take([0], axis)).all(axis)


def tied_share(seen: np.ndarray) -> float:
    """The share of units with one mask for all gates. seen: (B, T, 4, U), whether a unit is kept."""
    return float(one_for_all(seen, axis=2)[:, 0].mean())
