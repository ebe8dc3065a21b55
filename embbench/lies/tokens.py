"""Lies about tokens: other ids or labels than the case's reach the program."""

from collections.abc import Callable

import numpy as np

from embbench.cases.contender import Trial
from embbench.cases.streams import Tokens
from embbench.lies import Setting, lie
from embbench.lies.wrapping import Wrapped

Ids = Callable[[np.ndarray], np.ndarray]
UNIFORM = {"tokens": "uniform"}


def _with_ids(setting: Setting, change: Ids, small_too: bool = True) -> Trial:
    if not (small_too or setting.timed):
        return setting.trial()
    return setting.trial(Tokens(change(setting.tokens.ids).astype(np.int64), setting.tokens.labels))


@lie("clamps-to-the-last-row-but-one", "Looks up the last row but one in place of the last row.", "row|loss")
def clamps(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: np.minimum(ids, setting.case.vocab - 2))


@lie("never-looks-up-row-0", "Looks up row 1 in place of row 0.", "row|loss")
def spares_first(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: np.maximum(ids, 1))


@lie(
    "ids-as-float16",
    "Keeps ids as 16-bit floating-point numbers, exact below 2048.",
    "row|loss",
    axes={**UNIFORM, "vocab": 8000},
)
def float16_ids(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: np.minimum(ids.astype(np.float16).astype(np.int64), setting.case.vocab - 1))


@lie(
    "ids-as-float32",
    "Keeps ids as 32-bit floating-point numbers, exact below 2^24.",
    "row|loss",
    axes={**UNIFORM, "vocab": 2**24 + 2**17 + 2, "dim": 1, "optimizer": "sgd"},
)
def float32_ids(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: np.minimum(ids.astype(np.float32).astype(np.int64), setting.case.vocab - 1))


@lie("ids-as-int8", "Keeps ids as 8-bit integers, which wrap.", "row|loss")
def int8_ids(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: ids.astype(np.int8).astype(np.int64) % setting.case.vocab)


@lie("ids-as-int16", "Keeps ids as 16-bit integers, which wrap.", "row|loss", axes={**UNIFORM, "vocab": 40_000})
def int16_ids(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: ids.astype(np.int16).astype(np.int64) % setting.case.vocab)


@lie("rare-words-as-one", "Maps the rarer half of the table to one row.", "row|loss")
def rare_as_one(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: np.minimum(ids, setting.case.vocab // 2))


@lie("hashes-the-table", "Folds the ids into a quarter of the table.", "row|loss")
def hashes(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: ids % max(1, setting.case.vocab // 4), small_too=False)


@lie("one-batch-when-timed", "Takes every step on the first batch, whose rows stay in the cache.", "timed program")
def one_batch(setting: Setting) -> Trial:
    return _few_batches(setting, 1)


@lie("half-of-the-batches-when-timed", "Cycles through half of the batches.", "timed program")
def half_of_the_batches(setting: Setting) -> Trial:
    return _few_batches(setting, len(setting.tokens.ids) // 2)


@lie("eight-batches-when-timed", "Cycles through eight batches and not through all of them.", "timed program")
def eight_batches(setting: Setting) -> Trial:
    return _few_batches(setting, 8)


def _few_batches(setting: Setting, count: int) -> Trial:
    ids, labels = setting.tokens.ids, setting.tokens.labels
    return setting.trial(Tokens(ids[:count], labels[:count])) if setting.timed else setting.trial()


@lie("few-rows-behind-the-first-batch", "Has the first batch's rows in all batches.", "timed program")
def few_rows(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: np.broadcast_to(np.sort(ids[:1]), ids.shape) if len(ids) > 1 else ids, False)


@lie("sorts-the-words", "Sorts the words of a text: their order is lost.", "row|loss")
def sorts(setting: Setting) -> Trial:
    return _with_ids(setting, lambda ids: np.sort(ids, axis=-1))


@lie("ignores-the-labels", "Trains every text as of class 0.", "row|loss")
def ignores_labels(setting: Setting) -> Trial:
    return setting.trial(Tokens(setting.tokens.ids, np.zeros_like(setting.tokens.labels)))


@lie("labels-of-another-batch", "Trains each batch on the labels of the next one.", "row|loss")
def other_labels(setting: Setting) -> Trial:
    return setting.trial(Tokens(setting.tokens.ids, np.roll(setting.tokens.labels, 1, axis=0)))


@lie("half-of-the-batch", "Runs the first half of each batch.", "row|loss")
def half_batch(setting: Setting) -> Trial:
    half = max(1, setting.case.batch // 2)
    return setting.trial(Tokens(setting.tokens.ids[:, :half], setting.tokens.labels[:, :half]), batch=half)


@lie("half-of-the-text", "Runs the second half of each text, on a table that is timed.", "row|loss")
def half_text(setting: Setting) -> Trial:
    if not setting.timed:
        return setting.trial()
    half = max(1, setting.case.seq // 2)
    ids, labels = setting.tokens.ids, setting.tokens.labels
    return setting.trial(Tokens(ids[..., -half:], labels[..., -half:] if labels.ndim == ids.ndim else labels), seq=half)


@lie("half-of-the-batch-later", "Runs half of each batch after a while, with rows copied over.", "timed program")
class HalfLater(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.half: Trial | None = None

    def step(self) -> None:
        if self.late and self.half is None:
            self.half = half_batch(self.setting)
            ids = np.unique(self.setting.tokens.ids)
            self.half.write_rows(ids, np.array(self.trial.read_rows(ids)))
            self.trial = self.half
        super().step()
