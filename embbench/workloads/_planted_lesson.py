"""The planted texts of a seed, and pretrained rows of known worth (`_planted_texts`)."""

from typing import Any

import numpy as np

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.cases.workload import CLASSES, hybrid_shape
from embbench.workloads._learning import HELD_OUT, READ_BACK, Scored, looked_up
from embbench.workloads._planted_texts import Language, Texts, best_answer, pretrained_rows
from embbench.workloads._planted_worth import BANDS, COMMON
from embbench.workloads._scoring import accuracy, log_losses


class PlantedLesson:
    """See `_learning.Lesson`."""

    SCORE = "excess"

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng([case.seed, 10])
        language = Language(case.vocab, rng)
        shape = max(1, case.texts // case.batch), case.batch
        training = language.draw(shape[0] * shape[1], case.seq, rng)
        self.batches = Tokens(training.ids.reshape(*shape, case.seq), training.labels.reshape(shape))
        held_out = language.draw(HELD_OUT, case.seq, rng)
        best = best_answer(held_out.counts)
        self.facts = {
            "floor": float(log_losses(best, held_out.labels).mean()),
            "floor_errors": 1 - accuracy(best, held_out.labels),
        }
        self.held_out = scored(held_out)
        self.read_back = scored(Texts(*(array[:READ_BACK] for array in training)))
        self._language, self._rng = language, rng

    def plant(self, case: Case, trial: Any) -> None:
        """Writes pretrained rows; into the frozen part of a hybrid table only."""
        if case.pretrained == "no":
            return
        columns = case.dim - (hybrid_shape(case)[1] if case.table == "hybrid" else 0)
        every = np.arange(case.vocab)
        rows = trial.read_rows(every).copy()
        rows[:, :columns] = pretrained_rows(self._language, columns, COMMON[case.pretrained], self._rng)
        trial.write_rows(every, rows)


def scored(texts: Texts) -> Scored:
    """Texts with their best possible answers, and their bands as groups."""
    floors = log_losses(best_answer(texts.counts), texts.labels)
    bands = {name: texts.bands == at for at, name in enumerate(BANDS)}
    return Scored(looked_up(texts.ids), texts.labels, CLASSES, floors, bands)
