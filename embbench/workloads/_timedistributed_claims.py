"""The claims of the workload `timedistributed`: steps against NumPy's, and layers per time step against flat layers."""

from collections.abc import Iterator, Mapping

import numpy as np

from embbench.cases.claim import Claim, check
from embbench.workloads import ByName
from embbench.workloads._timedistributed_expected import (
    BATCH_NORM,
    CHECKED,
    COLUMNS,
    COUNTED,
    DROPOUT,
    DROPPED_SAMPLES,
    DROPPED_TIME,
    DROPPED_UNITS,
    FLAT,
    LEARNING_RATE,
    LOSSES,
    NORMED,
    SAME_LAYERS,
    SIDE,
    WEIGHTS,
    Applied,
    PerStep,
    calls,
    masks,
    moving,
    normed,
    same,
)
from embbench.workloads._timedistributed_network import loss_and_gradients


def of_steps(drawn: ByName, trial: PerStep, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights."""
    before = weights = {name: np.asarray(array, np.float64) for name, array in trial.weights().items()}
    apart = []
    for step in range(steps, steps + CHECKED):
        batch = step % len(drawn["inputs"])
        trial.step()
        loss, gradients = loss_and_gradients(weights, drawn["inputs"][batch].astype(float), drawn["labels"][batch])
        weights = {name: array - LEARNING_RATE * gradients[name] for name, array in weights.items()}
        apart.append(abs(trial.loss() - loss))
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(WEIGHTS, lambda: [_apart(trial.weights(), weights) / _apart(before, weights)])


def _apart(one: Mapping[str, np.ndarray], other: ByName) -> float:
    """The largest difference of two sets of weights."""
    return float(np.max([np.abs(np.asarray(one[name], np.float64) - other[name]).max() for name in other]))


def of_layers(way: str, trial: PerStep) -> Iterator[Claim]:
    """What layers do in this way, see `_timedistributed_expected`. There are as many samples as time steps, because a
    program for an unknown number of time steps may confuse both.
    """
    known = trial.known()
    rng = np.random.default_rng(0)
    for layer in SAME_LAYERS if way != FLAT else ():
        shape = (SIDE, SIDE, 1) if layer == "convolution" else (COLUMNS,)
        inputs = rng.standard_normal((COUNTED, COUNTED, *shape), np.float32)
        yield check(same(layer, way), lambda given=(layer, inputs): [_difference(trial, *given, way)], known)
    yield check(calls(way), lambda: [trial.calls()], known)
    if BATCH_NORM in trial.has():
        yield check(normed(way), lambda: _batch_normed(trial, way).outputs.ravel(), known)
        yield check(moving(way), lambda: _moving(trial, way), known)
    if DROPOUT in trial.has():
        yield check(masks(way), lambda: [_share_of_one_mask(trial, way)], known)


def _difference(trial: PerStep, layer: str, inputs: np.ndarray, way: str) -> float:
    one, other = (trial.apply(layer, inputs, each).outputs for each in (way, FLAT))
    return float(np.abs(one - other).max()) if one.shape == other.shape else np.inf


def _batch_normed(trial: PerStep, way: str) -> Applied:
    return trial.apply(BATCH_NORM, np.array(NORMED, np.float32)[..., None], way)


def _moving(trial: PerStep, way: str) -> list[float]:
    mean = _batch_normed(trial, way).moving
    return [] if mean is None else mean.ravel().tolist()


def _share_of_one_mask(trial: PerStep, way: str) -> float:
    ones = np.ones((DROPPED_SAMPLES, DROPPED_TIME, DROPPED_UNITS), np.float32)
    kept = trial.apply(DROPOUT, ones, way).outputs > 0
    return float((kept == kept[:, :1]).all(1).mean())
