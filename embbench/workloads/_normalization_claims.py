"""The claims of the workload `normalization`: steps against NumPy's, and single norms at given rows."""

from collections.abc import Iterator, Mapping

import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.workloads import ByName
from embbench.workloads._normalization_expected import (
    CHECKED,
    CONSTANT,
    FAR,
    FINITE,
    FINITE_LATER,
    JOINED,
    LAYER_ALONE,
    LAYER_CONSTANT,
    LAYER_PREDICTED,
    LEARNING_RATE,
    LOSSES,
    MOVING,
    OTHER_RATE,
    PREDICTED,
    RESTARTED,
    ROUNDED,
    STEPS,
    WEIGHTS,
    Normalizing,
    absent,
    far,
    four,
    initial_share,
    layer_far,
    layer_four,
    layer_joined,
    moved,
    once,
    one_hot,
    rare,
)
from embbench.workloads._normalization_network import (
    BATCH,
    STATISTICS,
    Convention,
    loss_and_gradients,
    scores_of,
)
from embbench.workloads.univariate import ONE_ROW

SLOW = 0.99  # a moving average's usual weight of the old value, or what users of another default set


def of_steps(case: Case, drawn: ByName, trial: Normalizing, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights."""
    before = {name: np.asarray(array, np.float64) for name, array in trial.weights().items()}
    held, apart, norm = dict(before), [], case.norm
    for step in range(steps, steps + CHECKED):
        loss, held = _stepped(case, held, drawn, step, trial.convention, LEARNING_RATE)
        trial.step()
        apart.append(abs(trial.loss() - loss))
    got = trial.weights()
    trained = [name for name in held if name not in STATISTICS]
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(WEIGHTS, lambda: [_apart(got, held, trained) / _apart(before, held, trained)])
    if norm in BATCH:
        yield check(MOVING, lambda: [_apart(got, held, list(STATISTICS))])
    batch = {name: array.reshape(-1, *array.shape[2:])[:256] for name, array in drawn.items()}
    now = {name: np.asarray(array, np.float64) for name, array in got.items()}
    want = scores_of(now, {**batch, "inputs": batch["inputs"].astype(np.float64)}, norm, trial.convention)
    found = trial.scores(batch["inputs"], batch["onehots"])
    yield check(PREDICTED, lambda: [np.abs(found - want).max() / np.abs(want).max()])
    trial.restart(before, OTHER_RATE)  # as learning curves do
    _, held = _stepped(case, before, drawn, steps + CHECKED, trial.convention, OTHER_RATE)
    trial.step()
    got = trial.weights()
    yield check(RESTARTED, lambda: [_apart(got, held, [*before]) / _apart(before, held, trained)])


def _stepped(
    case: Case, held: ByName, drawn: ByName, step: int, convention: Convention, rate: float
) -> tuple[float, ByName]:
    """The loss of a step on its batch, and the weights and statistics behind it."""
    batch = {name: array[step % len(array)] for name, array in drawn.items()}
    batch["inputs"] = batch["inputs"].astype(np.float64)
    loss, gradients, normed = loss_and_gradients(held, batch, case.norm, convention)
    new = {name: held[name] - rate * gradients[name] for name in gradients}
    if normed is not None and case.norm in BATCH:
        new |= convention.moved(held, normed.mean, normed.variance, case.batch)
    return loss, {**held, **new}


def _apart(one: Mapping[str, np.ndarray], other: ByName, names: list[str]) -> float:
    """The largest difference of two sets of weights."""
    return float(max(np.abs(np.asarray(one[name], np.float64) - other[name]).max() for name in names))


def _column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, None]


def _around(mean: int) -> np.ndarray:
    return np.array([mean - 1, mean + 1] * 2, np.float32)


def _one_in(rows: int) -> np.ndarray:
    return _column(1, *[0] * (rows - 1))


def _not_finite(values: np.ndarray) -> int:
    return int((~np.isfinite(values)).sum())


def of_batch_norm(trial: Normalizing) -> Iterator[Claim]:
    """At the framework's defaults."""
    own, known = trial.convention, trial.known()

    def trained(rows: np.ndarray) -> np.ndarray:
        """Outputs in training, of a new norm."""
        return trial.layer("batch", rows.shape[1]).train(rows)

    yield check(four(own.epsilon), lambda: trained(_column(1, 2, 3, 4))[3], known)
    for kept in dict.fromkeys((own.kept, SLOW)):
        yield check(moved(kept, own.unbiased), lambda kept=kept: _moved(trial, kept), known)
    lacking = trial.layer("batch", 1)
    for _ in range(STEPS):
        lacking.train(_column(0, 0, 0, 0))
    yield check(initial_share(own.kept), lambda: lacking.moving()["norm_variance"], known)
    yield check(absent(own), lambda: lacking.predict(_column(1))[0], known)
    yield check(one_hot(own.epsilon), lambda: trained(_one_in(10))[:2, 0], known)
    yield check(rare(own.epsilon), lambda: trained(_one_in(10_000))[0], known)
    yield check(once(own.epsilon), lambda: trained(_one_in(32))[0], known)
    yield check(JOINED, lambda: [_joined(trial)], known)
    for mean in FAR:
        yield check(far(mean), lambda mean=mean: trained(_around(mean)[:, None])[:2, 0], known)
    yield check(FINITE, lambda: [_not_finite(trained(_column(*ROUNDED)))], known)
    yield check(FINITE_LATER, lambda: [_not_finite(_later(trial, _column(*ROUNDED)))], known)
    yield check(CONSTANT, lambda: [np.abs(trained(_column(5, 5, 5, 5))).max()], known)
    yield check(ONE_ROW, lambda: trained(_column(1))[0], known)


def _moved(trial: Normalizing, kept: float) -> list[float]:
    layer = trial.layer("batch", 1, None if kept == trial.convention.kept else kept)
    layer.train(_column(1, 2, 3, 4))
    return [float(layer.moving()[name][0]) for name in STATISTICS]


def _joined(trial: Normalizing) -> float:
    rng = np.random.default_rng(0)
    parts = rng.standard_normal((8, 3), np.float32), np.eye(4, dtype=np.float32)[rng.integers(0, 4, 8)]
    apart = [trial.layer("batch", each.shape[1]).train(each) for each in parts]
    together = trial.layer("batch", 7).train(np.concatenate(parts, 1))
    return float(np.abs(together - np.concatenate(apart, 1)).max())


def _later(trial: Normalizing, rows: np.ndarray) -> np.ndarray:
    layer = trial.layer("batch", rows.shape[1])
    for _ in range(STEPS):
        layer.train(rows)
    return layer.predict(rows)


def of_layer_norm(trial: Normalizing) -> Iterator[Claim]:
    """At the framework's defaults."""
    epsilon, known = trial.convention.layer_epsilon, trial.known()

    def trained(*values: float) -> np.ndarray:
        """(columns,) outputs for a row."""
        return trial.layer("layer", len(values)).train(np.array([values], np.float32))[0]

    rows = np.random.default_rng(0).standard_normal((6, 5), np.float32)
    layer = trial.layer("layer", 5)
    yield check(layer_four(epsilon), lambda: trained(1, 2, 3, 4)[3:], known)
    yield check(layer_joined(epsilon), lambda: [trained(1, 3)[0], trained(1, 3, 0, 1)[0]], known)
    yield check(LAYER_ALONE, lambda: [np.abs(layer.train(rows)[:1] - layer.train(rows[:1])).max()], known)
    yield check(LAYER_PREDICTED, lambda: [np.abs(layer.train(rows) - layer.predict(rows)).max()], known)
    for mean in FAR:
        yield check(layer_far(mean), lambda mean=mean: trained(*_around(mean))[:2], known)
    yield check(LAYER_CONSTANT, lambda: [np.abs(trained(5, 5, 5, 5)).max()], known)
