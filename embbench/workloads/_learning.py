"""Learning curves of a network behind a table, on labelled texts.

Every seed has its own texts and initial weights, which are the same for every contender. The trial trains on its texts
in a fixed order, again and again. Now and then NumPy reads the trial's weights and scores them, so that no framework
scores itself.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.cases.streams import Tokens
from embbench.workloads import ByName
from embbench.workloads._scoring import accuracy, log_losses, log_shares, standard_error

HELD_OUT = 1536  # texts that do not train; of a file that has so many
READ_BACK = 512  # training texts that are scored
POINTS = 20  # places of a curve after its start

MakeTrial = Callable[[Case, Tokens], Any]
Logits = Callable[[ByName, np.ndarray], np.ndarray]  # weights, rows looked up (M, S, D) -> (M, C)


class Lesson(Protocol):
    """The texts of a seed. SCORE: the name of the mean loss of held-out texts, in nats: 'excess' over the loss of the
    best possible answers, or 'loss'. tokens: the training texts in batches. held_out, read_back: texts that do not
    train, and some that do. facts: numbers about the texts.
    """

    SCORE: str
    tokens: Tokens
    held_out: "Scored"
    read_back: "Scored"
    facts: dict[str, float]

    def plant(self, case: Case, trial: Any) -> None:
        """Writes pretrained rows, where the case has them."""


class Scored:
    """Texts that are scored. ids: (M, S). labels: (M,), of `classes` classes: other outputs of the network do not
    count. floors: (M,) losses of the best possible answers; None for unknown floors, which are left out. groups: name
    of a kind of text -> (M,) whether a text is of it.
    """

    def __init__(
        self,
        ids: np.ndarray,
        labels: np.ndarray,
        classes: int,
        floors: np.ndarray | None = None,
        groups: dict[str, np.ndarray] | None = None,
    ) -> None:
        self.labels, self.groups = labels, groups or {}
        self._classes, self._floors = classes, floors
        self._rows, places = np.unique(ids, return_inverse=True)
        self._places = places.reshape(ids.shape)

    def answers(self, trial: Any, logits: Logits) -> np.ndarray:
        """(M, classes): log shares of the classes. The weights are read as the audit reads them."""
        weights = {name: array.astype(np.float64) for name, array in trial.inspect(self._rows[:1]).weights.items()}
        found = logits(weights, trial.read_rows(self._rows).astype(np.float64)[self._places])
        return log_shares(found[:, : self._classes])

    def losses(self, answers: np.ndarray) -> np.ndarray:
        """(M,) nats, over the best possible answers where they are known."""
        losses = log_losses(answers, self.labels)
        return losses if self._floors is None else losses - self._floors


def curves(
    case: Case, seeds: Iterable[int], lesson_of: Callable[[Case], Lesson], make_trial: MakeTrial, logits: Logits
) -> Iterator[LearningCurve]:
    """A curve per seed. Scores, in nats: the lesson's SCORE; SCORE_GROUP of the texts of a group; `training`, the same
    for training texts. `errors` is the share of wrong answers to held-out texts. Raises what `lesson_of`, `make_trial`
    and the trial raise.
    """
    for seed in seeds:
        seeded = msgspec.structs.replace(case, seed=seed)
        lesson = lesson_of(seeded)
        trial = make_trial(seeded, lesson.tokens)
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
