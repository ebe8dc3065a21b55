"""Learning curves of dense networks, scored by NumPy on samples whose best possible answers are known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.workloads import ByName
from embbench.workloads._dense_plan import DensePlan, DenseTrial, start
from embbench.workloads._dense_steps import forward
from embbench.workloads._scoring import standard_error

POINTS = 10  # places of a curve after its start

MakeDense = Callable[[Case, ByName], Any]


class ScoredSamples(NamedTuple):
    """inputs: (M, inputs) as the network gets them. targets: (M, outputs). floors: (M,) squared errors of the best
    possible answers. bounds: (M,) squared errors below which no answer of this network can be on average. scale, shift:
    an answer is the network's output times scale plus shift.
    """

    inputs: np.ndarray
    targets: np.ndarray
    floors: np.ndarray
    bounds: np.ndarray
    scale: Any = 1.0
    shift: Any = 0.0

    def errors(self, plan: DensePlan, weights: ByName) -> np.ndarray:
        """(M,) means over the outputs."""
        with np.errstate(over="ignore", invalid="ignore"):  # a training may diverge
            answers = forward(plan.layers, weights, self.inputs)[-1] * self.scale + self.shift
            return ((answers - self.targets) ** 2).mean(-1, dtype=np.float64)


class DenseLesson(NamedTuple):
    """The samples of a seed. drawn: the training samples in batches. scored: name of a score -> samples. facts: of the
    curve.
    """

    drawn: ByName
    scored: Mapping[str, ScoredSamples]
    facts: Mapping[str, float]


def curves(
    case: Case,
    seeds: Sequence[int],
    make_trial: MakeDense,
    lesson_of: Callable[[Case], DenseLesson],
    plan: DensePlan,
    points: int = POINTS,
) -> Iterator[LearningCurve]:
    """A curve per seed. Scores: the mean squared error over the best possible, by the names of the lesson's samples.
    Raises what `make_trial` and the trial raise.
    """
    trial: DenseTrial | None = None
    for seed in seeds:
        seeded = msgspec.structs.replace(case, seed=seed)
        lesson = lesson_of(seeded)
        if trial is None:
            trial = make_trial(seeded, lesson.drawn)
        trial.restart(start(plan.layers, seed), lesson.drawn)
        yield _curve(seeded, lesson, trial, plan, points)


def _curve(case: Case, lesson: DenseLesson, trial: DenseTrial, plan: DensePlan, points: int) -> LearningCurve:
    stops = sorted({round(case.train_steps * each / points) for each in range(points + 1)})
    found: dict[str, list[float]] = {name: [] for name in lesson.scored}
    beyond, made, facts = 0.0, 0, dict(lesson.facts)
    for stop in stops:
        for _ in range(stop - made):
            trial.step()
        trial.sync()
        made, weights = stop, trial.weights()
        for name, samples in lesson.scored.items():
            errors = samples.errors(plan, weights)
            found[name].append(float((errors - samples.floors).mean()))
            facts[f"standard_error_{name}"] = standard_error(errors)  # of the last score
            if name == "excess":
                over = errors - samples.bounds
                beyond = max(beyond, -over.mean() / standard_error(over))
    scores = {name: finite(values) for name, values in found.items()}
    kept = {name: value for name, value in facts.items() if np.isfinite(value)}
    return LearningCurve(
        seed=case.seed, steps=tuple(stops), scores=scores, facts={**kept, "beyond_floor": float(beyond)}
    )
