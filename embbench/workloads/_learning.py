"""Learning curves of a network that labels samples, such as texts.

Every seed has its own samples and initial weights, which are the same for every contender. The trial trains on its
samples in a fixed order, again and again. Now and then NumPy reads the trial's weights and scores them, so that no
framework scores itself.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.workloads import ByName
from embbench.workloads._scoring import accuracy, log_losses, log_shares, standard_error

HELD_OUT = 1536  # samples that do not train; of a file that has so many
READ_BACK = 512  # training samples that are scored
POINTS = 20  # places of a curve after its start

MakeTrial = Callable[[Case, Any], Any]
Logits = Callable[[ByName, np.ndarray], np.ndarray]  # weights, inputs (M, S, D) -> (M, C)
AskTrial = Callable[[Any], tuple[ByName, np.ndarray]]  # trial -> its weights, and its inputs of samples


class Lesson(Protocol):
    """The samples of a seed. SCORE: the name of the mean loss of held-out samples, in nats: 'excess' over the loss of
    the best possible answers, or 'loss'. batches: the training samples, as the trial gets them. held_out, read_back:
    samples that do not train, and some that do. facts: numbers about the samples.
    """

    SCORE: str
    batches: Any
    held_out: "Scored"
    read_back: "Scored"
    facts: dict[str, float]

    def plant(self, case: Case, trial: Any) -> None:
        """Writes pretrained rows, where the case has them."""


class Scored:
    """M samples that are scored. labels: (M,), of `classes` classes: other outputs of the network do not count. floors:
    (M,) losses of the best possible answers; None for unknown floors, which are left out. groups: name of a kind of
    sample -> (M,) whether a sample is of it.
    """

    def __init__(
        self,
        asked: AskTrial,
        labels: np.ndarray,
        classes: int,
        floors: np.ndarray | None = None,
        groups: dict[str, np.ndarray] | None = None,
    ) -> None:
        self.labels, self.groups = labels, groups or {}
        self._asked, self._classes, self._floors = asked, classes, floors

    def answers(self, trial: Any, logits: Logits) -> np.ndarray:
        """(M, classes): log shares of the classes."""
        weights, inputs = self._asked(trial)
        found = logits({name: np.asarray(array, np.float64) for name, array in weights.items()}, inputs)
        return log_shares(found[:, : self._classes])

    def losses(self, answers: np.ndarray) -> np.ndarray:
        """(M,) nats, over the best possible answers where they are known."""
        losses = log_losses(answers, self.labels)
        return losses if self._floors is None else losses - self._floors


def looked_up(ids: np.ndarray) -> AskTrial:
    """The samples are texts. ids: (M, S). Weights and rows are read as the audit reads them."""
    rows, places = np.unique(ids, return_inverse=True)

    def ask(trial: Any) -> tuple[ByName, np.ndarray]:
        return trial.inspect(rows[:1]).weights, trial.read_rows(rows).astype(np.float64)[places.reshape(ids.shape)]

    return ask


def curves(
    case: Case, seeds: Iterable[int], lesson_of: Callable[[Case], Lesson], make_trial: MakeTrial, logits: Logits
) -> Iterator[LearningCurve]:
    """A curve per seed. Scores, in nats: the lesson's SCORE; SCORE_GROUP of the samples of a group; `training`, the
    same for training samples. `errors` is the share of wrong answers to held-out samples. Raises what `lesson_of`,
    `make_trial` and the trial raise.
    """
    for seed in seeds:
        seeded = msgspec.structs.replace(case, seed=seed)
        lesson = lesson_of(seeded)
        trial = make_trial(seeded, lesson.batches)
        lesson.plant(seeded, trial)
        yield _curve(seeded, lesson, trial, logits)


def _curve(case: Case, lesson: Lesson, trial: Any, logits: Logits) -> LearningCurve:
    held_out = lesson.held_out
    stops = sorted({round(case.train_steps * each / POINTS) for each in range(POINTS + 1)})
    points, beyond, made = [], 0.0, 0
    for stop in stops:
        for _ in range(stop - made):
            trial.step()
        trial.sync()
        made = stop
        answers = held_out.answers(trial, logits)
        losses = held_out.losses(answers)
        training = float(lesson.read_back.losses(lesson.read_back.answers(trial, logits)).mean())
        groups = {f"{lesson.SCORE}_{name}": losses[here] for name, here in held_out.groups.items()}
        whole = {lesson.SCORE: losses, **groups}
        wrong = 1 - accuracy(answers, held_out.labels)
        points.append({**{name: float(each.mean()) for name, each in whole.items()}, "errors": wrong})
        points[-1]["training"] = training
        beyond = max(beyond, -losses.mean() / standard_error(losses))
    facts = {**lesson.facts, **({"beyond_floor": float(beyond)} if "floor" in lesson.facts else {})}
    scores = {name: finite(point[name] for point in points) for name in points[0]}
    return LearningCurve(seed=case.seed, steps=tuple(stops), scores=scores, facts=facts)
