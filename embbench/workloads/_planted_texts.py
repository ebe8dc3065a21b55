"""Texts with planted keywords, whose best possible answers are known.

A text has a class c of K and a band b of words. Each of its tokens is, independently, a keyword of c with probability
OWN, a keyword of another class with OTHER (each of the K - 1 classes alike), else a background word. A keyword is drawn
from its class's words of the band, all alike; background words have the frequencies of English words. So the numbers
of keywords by class decide: log P(c | text) is n_c·log(OWN·(K - 1) / OTHER) up to a constant.
"""

from typing import NamedTuple

import numpy as np

from embbench.cases.streams import word_weights
from embbench.cases.workload import CLASSES
from embbench.errors import UsageError
from embbench.workloads._planted_worth import BANDS, OTHER, OWN, SCALE
from embbench.workloads._scoring import log_shares

KEYWORDS = CLASSES * sum(BANDS.values())
LEAST_VOCAB = 2 * KEYWORDS


class Texts(NamedTuple):
    """ids: (M, S). labels, bands: (M,). counts: (M, K) keywords of each class in each text."""

    ids: np.ndarray
    labels: np.ndarray
    bands: np.ndarray
    counts: np.ndarray


class Language:
    """The classes of the words of a vocabulary. rng: draws which words are keywords."""

    def __init__(self, vocab: int, rng: np.random.Generator) -> None:
        """Raises UsageError for a vocabulary that is too small for all keywords."""
        if vocab < LEAST_VOCAB:
            raise UsageError(f"vocab: planted texts have {KEYWORDS} keywords and need {LEAST_VOCAB} rows or more")
        self.vocab = vocab
        drawn = rng.permutation(vocab)
        ends = CLASSES * np.cumsum(list(BANDS.values()))
        self.keywords = [part.reshape(CLASSES, -1) for part in np.split(drawn[: ends[-1]], ends[:-1])]
        self._background = np.sort(drawn[ends[-1] :])
        self._steps = np.cumsum(word_weights(vocab)[self._background])

    def draw(self, count: int, length: int, rng: np.random.Generator) -> Texts:
        shape = (count, length)
        labels, bands = rng.integers(0, CLASSES, count), rng.integers(0, len(BANDS), count)
        kind = rng.random(shape)
        others = (labels[:, None] + rng.integers(1, CLASSES, shape)) % CLASSES
        classes = np.where(kind < OWN, labels[:, None], others)
        planted, which = kind < OWN + OTHER, rng.random(shape)
        places = np.searchsorted(self._steps, rng.random(shape) * self._steps[-1], side="right")
        ids = self._background[np.minimum(places, len(self._background) - 1)]
        for band, words in enumerate(self.keywords):
            here = planted & (bands[:, None] == band)
            ids[here] = words[classes[here], (which[here] * words.shape[1]).astype(int)]
        counts = np.stack([(planted & (classes == each)).sum(1) for each in range(CLASSES)], 1)
        return Texts(ids.astype(np.int64), labels, bands, counts)


def pretrained_rows(language: Language, columns: int, common: float, rng: np.random.Generator) -> np.ndarray:
    """(V, columns) float32, all of one variance. common: the share of it that keywords of a class have in common; other
    rows are noise.
    """
    rows = rng.standard_normal((language.vocab, columns))
    classes = rng.standard_normal((CLASSES, 1, columns))
    for words in language.keywords:
        rows[words] = common**0.5 * classes + (1 - common) ** 0.5 * rows[words]
    return (SCALE * rows).astype(np.float32)


def best_answer(counts: np.ndarray, own: float = OWN, other: float = OTHER) -> np.ndarray:
    """(M, K): log P(class | text), which no model can beat on average. counts: (M, K)."""
    return log_shares(counts * np.log(own * (counts.shape[1] - 1) / other))
