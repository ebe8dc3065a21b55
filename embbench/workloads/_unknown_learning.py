"""Learning curves of the workload `unknown_class`: what a trained model accepts, by score and kind of unknown text."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.cases.workload import CLASSES
from embbench.workloads import ByName
from embbench.workloads._scoring import accepted_outside, accuracy, area_under_roc, standard_error
from embbench.workloads._unknown_expected import Rejecting
from embbench.workloads._unknown_network import logits
from embbench.workloads._unknown_scores import (
    ERRORS,
    ERRORS_AMONG,
    REFUSED,
    RULES,
    SCORES,
    accepted,
    beyond,
    misordered,
    passed,
)
from embbench.workloads._unknown_texts import KINDS, DrawnTexts, Topics, training_texts

# Texts of a kind that do not train. Texts of unknown words alone are all the same text.
HELD_OUT = {"known": 1024, **dict.fromkeys(KINDS, 512), "unknown_words": 2}
POINTS = 3  # places of a curve after its start


class RejectLesson:
    """The texts of a seed, and the facts of its curve. Training texts never repeat."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng([case.seed, 31])
        topics = Topics(rng)
        texts = training_texts(topics, case.train_steps * case.batch, case.seq, case.reject == "extra_class", rng)
        self.batches = batches_of(texts, case.batch)
        rng = np.random.default_rng([case.seed, 32])
        self.held_out = {kind: topics.draw(kind, count, case.seq, rng) for kind, count in HELD_OUT.items()}
        known = self.held_out["known"]
        self._best = {
            kind: (topics.known_to_other(kind, known.ids), topics.known_to_other(kind, self.held_out[kind].ids))
            for kind in KINDS
        }
        answers = topics.log_likelihoods("known", known.ids)
        self._right = right(answers, known.labels)
        self.facts: dict[str, float] = {"floor_errors": 1 - accuracy(answers, known.labels), "beyond_floor": 0.0}
        for kind, pair in self._best.items():
            self.facts[f"floor_{misordered(kind, 'best')}"] = 1 - area_under_roc(*pair)
            self.facts[f"floor_{accepted(kind, 'best')}"] = accepted_outside(*pair)

    def scores(self, weights: ByName, reject: str) -> dict[str, float]:
        """By name. Adds to the facts how far a score is beyond the best possible."""
        outputs = {kind: logits(weights, sample.ids) for kind, sample in self.held_out.items()}
        known, labels = outputs["known"], self.held_out["known"].labels
        rule, among = RULES[reject], known[:, :CLASSES]
        found = {
            ERRORS: 1 - accuracy(known, labels),
            ERRORS_AMONG: 1 - accuracy(among, labels),
            REFUSED: float((~rule(known)).mean()),
        }
        better = right(among, labels) - self._right
        self._saw(better.mean() / standard_error(better) if better.any() else 0.0)
        for kind in KINDS:
            found[passed(kind)] = float(rule(outputs[kind]).mean())
            for name, score in SCORES[reject].items():
                inside, outside = score(known), score(outputs[kind])
                found[accepted(kind, name)] = accepted_outside(inside, outside)
                found[misordered(kind, name)] = 1 - area_under_roc(inside, outside)
                self._saw(beyond(inside, outside, *self._best[kind]))
        return found

    def _saw(self, errors: float) -> None:
        self.facts["beyond_floor"] = float(max(self.facts["beyond_floor"], errors))


def right(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(M,) 1.0 where the largest answer is the right class. answers: (M, K)."""
    return (answers.argmax(1) == labels).astype(float)


def batches_of(texts: DrawnTexts, batch: int) -> ByName:
    """ids (batches, B, S), labels (batches, B)."""
    return {"ids": texts.ids.reshape(-1, batch, texts.ids.shape[1]), "labels": texts.labels.reshape(-1, batch)}


def curves(
    case: Case, seeds: Sequence[int], prepare: Callable[[Case, ByName], Any], start: Callable[[Case, int], ByName]
) -> Iterator[LearningCurve]:
    """A curve per seed, with the scores that `_unknown_scores` names. A single trial makes all trainings, because
    building it again may take seconds of compilation: its batches are those of all seeds, one after the other.
    start: of the workload.
    """
    lessons = [RejectLesson(msgspec.structs.replace(case, seed=seed)) for seed in seeds]
    drawn = {name: np.concatenate([each.batches[name] for each in lessons]) for name in lessons[0].batches}
    trial: Rejecting = prepare(case, drawn)
    biases = 2 if "second_bias0" in trial.weights() else 1
    stops = sorted({round(case.train_steps * each / POINTS) for each in range(POINTS + 1)})
    for seed, lesson in zip(seeds, lessons, strict=True):
        trial.restart(start(msgspec.structs.replace(case, seed=seed), biases))
        points, made = [], 0
        for stop in stops:
            for _ in range(stop - made):
                trial.step()
            trial.sync()
            made = stop
            weights = {name: array.astype(np.float64) for name, array in trial.weights().items()}
            points.append(lesson.scores(weights, case.reject))
        scores = {name: finite(point[name] for point in points) for name in points[0]}
        yield LearningCurve(seed=seed, steps=tuple(stops), scores=scores, facts=lesson.facts)
