"""Learning curves of a network behind a table, on planted texts (`_planted_texts`).

Every seed has its own words, texts and initial weights, which are the same for every contender. The trial trains on
`texts` texts in a fixed order, again and again. Now and then NumPy reads the trial's weights and scores them, so that
no framework scores itself.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.cases.streams import Tokens
from embbench.cases.workload import hybrid_shape
from embbench.workloads import ByName
from embbench.workloads._planted_texts import Language, Texts, best_answer, pretrained_rows
from embbench.workloads._planted_worth import BANDS, COMMON
from embbench.workloads._scoring import accuracy, log_losses, log_shares, standard_error

HELD_OUT = 1536  # texts that do not train
READ_BACK = 512  # training texts that are scored
POINTS = 20  # places of a curve after its start

MakeTrial = Callable[[Case, Tokens], Any]
Logits = Callable[[ByName, np.ndarray], np.ndarray]  # weights, rows looked up (M, S, D) -> (M, C)


class Lesson:
    """The texts of a seed. tokens: the training texts in batches."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng([case.seed, 10])
        language = Language(case.vocab, rng)
        shape = max(1, case.texts // case.batch), case.batch
        training = language.draw(shape[0] * shape[1], case.seq, rng)
        self.tokens = Tokens(training.ids.reshape(*shape, case.seq), training.labels.reshape(shape))
        self.held_out = Scored(language.draw(HELD_OUT, case.seq, rng))
        self._language, self._rng = language, rng
        self.read_back = Scored(Texts(*(array[:READ_BACK] for array in training)))

    def plant(self, case: Case, trial: Any) -> None:
        """Writes pretrained rows; into the frozen part of a hybrid table only."""
        if case.pretrained == "no":
            return
        columns = case.dim - (hybrid_shape(case)[1] if case.table == "hybrid" else 0)
        every = np.arange(case.vocab)
        rows = trial.read_rows(every).copy()
        rows[:, :columns] = pretrained_rows(self._language, columns, COMMON[case.pretrained], self._rng)
        trial.write_rows(every, rows)


class Scored:
    """Texts beside their best possible answers."""

    def __init__(self, texts: Texts) -> None:
        self.texts, self.best = texts, best_answer(texts.counts)
        self.floors = log_losses(self.best, texts.labels)
        self._rows, places = np.unique(texts.ids, return_inverse=True)
        self._places = places.reshape(texts.ids.shape)

    def answers(self, trial: Any, logits: Logits) -> np.ndarray:
        """(M, C): log shares of the classes. The weights are read as the audit reads them."""
        weights = {name: array.astype(np.float64) for name, array in trial.inspect(self._rows[:1]).weights.items()}
        return log_shares(logits(weights, trial.read_rows(self._rows).astype(np.float64)[self._places]))

    def excess(self, answers: np.ndarray) -> np.ndarray:
        """(M,) nats over the best possible answer."""
        return log_losses(answers, self.texts.labels) - self.floors


def curves(case: Case, seeds: Sequence[int], make_trial: MakeTrial, logits: Logits) -> Iterator[LearningCurve]:
    """A curve per seed. Scores, in nats: `excess`, the mean loss of held-out texts over the loss of the best possible
    answers to the same texts; `excess_BAND` of the texts of a band; `training`, the same for training texts. `errors`
    is the share of wrong answers to held-out texts. Raises what `make_trial` and the trial raise.
    """
    for seed in seeds:
        seeded = msgspec.structs.replace(case, seed=seed)
        lesson = Lesson(seeded)
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
        excess = held_out.excess(answers)
        training = float(lesson.read_back.excess(lesson.read_back.answers(trial, logits)).mean())
        points.append({**_scores(held_out, answers, excess), "training": training})
        beyond = max(beyond, -excess.mean() / standard_error(excess))
    facts = {
        "floor": float(held_out.floors.mean()),
        "floor_errors": 1 - accuracy(held_out.best, held_out.texts.labels),
        "beyond_floor": float(beyond),
    }
    scores = {name: finite(point[name] for point in points) for name in points[0]}
    return LearningCurve(seed=case.seed, steps=tuple(stops), scores=scores, facts=facts)


def _scores(held_out: Scored, answers: np.ndarray, excess: np.ndarray) -> dict[str, float]:
    bands = {f"excess_{name}": excess[held_out.texts.bands == band] for band, name in enumerate(BANDS)}
    whole = {"excess": excess, **bands}
    return {name: float(each.mean()) for name, each in whole.items()} | {
        "errors": 1 - accuracy(answers, held_out.texts.labels)
    }
