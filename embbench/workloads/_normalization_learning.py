"""Learning curves of the workload `normalization`: held-out loss of predictions, over the best possible answers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.workloads import ByName
from embbench.workloads._normalization_data import NormSamples, Population, batches_of, frequencies, rare_alone
from embbench.workloads._normalization_expected import (
    RARE_ONES,
    RATES,
    Normalizing,
    excess_at,
    own_at,
)
from embbench.workloads._normalization_network import BATCH, scores_of
from embbench.workloads._scoring import log_losses, log_shares, standard_error

HELD_OUT, HELD_OUT_RARE = 1536, 768  # samples that do not train
POINTS = 6  # places of a curve after its start


class NormLesson:
    """The samples of a seed, and the facts of its curve. Training samples never repeat."""

    def __init__(self, case: Case) -> None:
        population = Population(np.random.default_rng([case.seed, 15]))
        training = population.draw(case.train_steps * case.batch, case.seq, frequencies())
        self.batches = batches_of(training, case.batch)
        self.held_out = population.draw(HELD_OUT, case.seq, frequencies())
        self.rare = population.draw(HELD_OUT_RARE, case.seq, rare_alone())
        floor = log_losses(self.held_out.best, self.held_out.labels).mean()
        self.facts: dict[str, float] = {"floor": float(floor), "beyond_floor": 0.0}

    def saw(self, over: np.ndarray) -> None:
        """over: (M,) excesses of a score."""
        beyond = -over.mean() / standard_error(over)
        self.facts["beyond_floor"] = float(max(self.facts["beyond_floor"], beyond))


def excess(samples: NormSamples, scores: np.ndarray) -> np.ndarray:
    """(M,) nats over the best possible answers."""
    return log_losses(log_shares(scores), samples.labels) - log_losses(samples.best, samples.labels)


def curves(
    case: Case,
    seeds: Sequence[int],
    prepare: Callable[[Case, ByName], Any],
    start: Callable[[Case, int], ByName],
) -> Iterator[LearningCurve]:
    """A curve per seed. Scores, in nats, of a training at each of RATES: `excess_at(rate)`, the mean loss of
    predictions for held-out samples over the loss of the best possible answers to them; `excess_at(rate, RARE_ONES)`,
    the same for samples of rare categories alone. With batch norm, a fact `own_at(rate)`: the excess at the end with
    the statistics of the held-out samples in place of moving ones.

    A single trial makes all trainings, because building it again may take seconds of compilation: its batches are those
    of all seeds, one after the other. start: the initial weights of a case, for a number of LSTM biases.
    """
    lessons = [NormLesson(msgspec.structs.replace(case, seed=seed)) for seed in seeds]
    drawn = {name: np.concatenate([each.batches[name] for each in lessons]) for name in lessons[0].batches}
    trial: Normalizing = prepare(case, drawn)
    biases = 2 if "second_bias0" in trial.weights() else 1
    scores: list[dict[str, tuple[float | None, ...]]] = [{} for _ in lessons]
    for rate in RATES:  # outside, so that the trial's batches start again with the first seed
        for seed, lesson, found in zip(seeds, lessons, scores, strict=True):
            trial.restart(start(msgspec.structs.replace(case, seed=seed), biases), rate)
            found |= _training(case, lesson, trial, rate)
    for seed, lesson, found in zip(seeds, lessons, scores, strict=True):
        yield LearningCurve(seed=seed, steps=stops_of(case), scores=found, facts=lesson.facts)


def stops_of(case: Case) -> tuple[int, ...]:
    return tuple(sorted({round(case.train_steps * each / POINTS) for each in range(POINTS + 1)}))


def _training(case: Case, lesson: NormLesson, trial: Normalizing, rate: float) -> dict[str, tuple[float | None, ...]]:
    """The scores of a training. Adds to the lesson's facts."""
    found: dict[str, list[float]] = {excess_at(rate): [], excess_at(rate, RARE_ONES): []}
    samples, made = (lesson.held_out, lesson.rare), 0
    inputs, onehots = (np.concatenate(arrays) for arrays in ([s.inputs for s in samples], [s.onehots for s in samples]))
    for stop in stops_of(case):
        for _ in range(stop - made):
            trial.step()
        trial.sync()
        made = stop
        scores = np.split(trial.scores(inputs, onehots), [HELD_OUT])
        for name, held_out, got in zip(found, samples, scores, strict=True):
            over = excess(held_out, got)
            found[name].append(float(over.mean()))
            lesson.saw(over)
    if case.norm in BATCH:
        own = scores_of(dict(trial.weights()), lesson.held_out.batch(), case.norm, trial.convention, training=True)
        lesson.facts[own_at(rate)] = float(excess(lesson.held_out, own).mean())
    return {name: finite(values) for name, values in found.items()}
