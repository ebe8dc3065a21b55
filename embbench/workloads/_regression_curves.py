"""Learning curves of the regression, scored by NumPy on samples whose noise is known."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.workloads import ByName
from embbench.workloads._regression_plan import Regressing, plan_of, start
from embbench.workloads._regression_samples import RegressionLesson, lesson_of
from embbench.workloads._regression_steps import forward
from embbench.workloads._scoring import standard_error

POINTS = 20  # places of a curve after its start


def curves(case: Case, seeds: Sequence[int], make_trial: Callable[[Case, ByName], Any]) -> Iterator[LearningCurve]:
    """A curve per seed. Scores: squared errors over the noise, by the names of the lesson's samples. Raises what
    `make_trial` and the trial raise.
    """
    trial: Regressing | None = None
    for seed in seeds:
        seeded = msgspec.structs.replace(case, seed=seed)
        lesson = lesson_of(seeded)
        if trial is None:  # another seed needs no other program
            trial = make_trial(seeded, lesson.drawn)
        trial.restart(start(plan_of(case).layers, seed), lesson.drawn)
        yield _curve(seeded, lesson, trial)


def _curve(case: Case, lesson: RegressionLesson, trial: Regressing) -> LearningCurve:
    stops = sorted({round(case.train_steps * each / POINTS) for each in range(POINTS + 1)})
    found: dict[str, list[float]] = {name: [] for name in lesson.scored}
    facts, beyond, made, layers = dict(lesson.facts), 0.0, 0, plan_of(case).layers
    for stop in stops:
        for _ in range(stop - made):
            trial.step()
        trial.sync()
        made, weights = stop, trial.weights()
        for name, samples in lesson.scored.items():
            answers = forward(layers, weights, samples.inputs)[-1][:, 0].astype(np.float64)
            errors = (answers - samples.targets[:, 0]) ** 2
            over = errors - samples.noise**2
            found[name].append(float(over.mean()))
            if np.isfinite(errors).all():  # a training may diverge
                facts[f"standard_error_{name}"] = standard_error(errors)  # of the last score
            if name == "excess":
                beyond = max(beyond, -over.mean() / standard_error(over))
    scores = {name: finite(values) for name, values in found.items()}
    facts["beyond_floor"] = float(beyond)
    return LearningCurve(seed=case.seed, steps=tuple(stops), scores=scores, facts=facts)
