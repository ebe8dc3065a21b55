"""Planted texts of known classes, and texts of no known class, whose likelihoods are known exactly.

A text of a topic has, at each place independently, the unknown row with probability UNKNOWN, else a keyword of its own
topic with OWN, a keyword of another topic of its group with OTHER, else a background word, with the frequencies of
English words. Topics are in groups: K known classes, topics that an extra class may train on, and topics that never
train. Words of the last group never occur in training, so their rows stay as they were drawn.

Texts of no known class, at equal length and equal share of the unknown row, except where the kind is about it:
near: keywords of two known classes, each with half of the share that all keywords of a text of a known class have.
far: a topic that never trains. trained: a topic that an extra class trains on, but new texts.
unknown_words: the unknown row alone.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from embbench.cases.streams import word_weights
from embbench.cases.workload import CLASSES

VOCAB, COLUMNS = 10_000, 32  # of the table; row 0 is that of unknown words
UNKNOWN_ROW = 0
UNKNOWN, OWN, OTHER = 0.1, 0.5, 0.1  # shares of tokens; the last two among those that are not unknown
WORDS = 64  # keywords of a topic
GROUPS = {"known": CLASSES, "trained": 4, "far": 4}  # topics
KINDS = ("near", "far", "trained", "unknown_words")
OTHER_SHARE = 1 / (CLASSES + 1)  # of training texts that belong to the extra class


class DrawnTexts(NamedTuple):
    """ids: (M, S). labels: (M,) of the known class; CLASSES for no known class."""

    ids: np.ndarray
    labels: np.ndarray


@cache
def _english() -> np.ndarray:
    """Frequencies of words by rank; reading them takes a third of a second."""
    return word_weights(VOCAB)


class Topics:
    """What the words of a seed mean. rng: draws which words are keywords."""

    def __init__(self, rng: np.random.Generator) -> None:
        drawn = 1 + rng.permutation(VOCAB - 1)
        count = sum(GROUPS.values()) * WORDS
        keywords = iter(drawn[:count].reshape(-1, WORDS))
        background = np.zeros(VOCAB)
        rest = np.sort(drawn[count:])
        background[rest] = _english()[rest]
        self._background = background / background.sum()
        self._words: dict[str, np.ndarray] = {}  # group -> (topics, V), words of a topic alone
        for group, topics in GROUPS.items():
            self._words[group] = np.zeros((topics, VOCAB))
            for topic in range(topics):
                self._words[group][topic, next(keywords)] = 1 / WORDS
        own = {group: np.eye(topics) for group, topics in GROUPS.items()}
        self._words_of = {group: self._mixed(group, OWN * own[group] + _others(own[group])) for group in GROUPS}
        known = own["known"]
        pairs = [(known[one] + known[two]) / 2 for one in range(CLASSES) for two in range(one)]
        self._words_of["near"] = self._mixed("known", (OWN + OTHER) * np.array(pairs))
        self._words_of["unknown_words"] = np.eye(1, VOCAB, UNKNOWN_ROW)

    def _mixed(self, group: str, shares: np.ndarray) -> np.ndarray:
        """(M, V): P(word) of texts with `shares` (M, topics) of keywords of the group's topics."""
        found = shares @ self._words[group] + (1 - shares.sum(1, keepdims=True)) * self._background
        found *= 1 - UNKNOWN
        found[:, UNKNOWN_ROW] += UNKNOWN
        return found

    def draw(self, kind: str, count: int, length: int, rng: np.random.Generator) -> DrawnTexts:
        """kind: 'known', or of KINDS."""
        words = self._words_of[kind]
        topics = rng.integers(0, len(words), count)
        ids = np.empty((count, length), np.int64)
        for topic in range(len(words)):
            here = topics == topic
            steps = np.cumsum(words[topic])
            places = np.searchsorted(steps, rng.random((here.sum(), length)) * steps[-1], side="right")
            ids[here] = np.minimum(places, np.flatnonzero(words[topic])[-1])
        return DrawnTexts(ids, topics if kind == "known" else np.full(count, CLASSES))

    def log_likelihoods(self, kind: str, ids: np.ndarray) -> np.ndarray:
        """(M, topics or pairs): log P(text | topic); minus infinity for a text that no such topic has."""
        with np.errstate(divide="ignore"):
            words = np.log(self._words_of[kind])
        return words[:, ids].sum(-1).T

    def known_to_other(self, kind: str, ids: np.ndarray) -> np.ndarray:
        """(M,): log of P(text | known) / P(text | kind), the best score that there is. It may be infinite."""
        known, other = (log_mean(self.log_likelihoods(each, ids)) for each in ("known", kind))
        return np.where(np.isneginf(other), np.inf, known - np.where(np.isneginf(other), 0.0, other))


def _others(own: np.ndarray) -> np.ndarray:
    """(topics, topics): the shares of keywords of the other topics."""
    return OTHER * (1 - own) / (len(own) - 1)


def log_mean(logs: np.ndarray) -> np.ndarray:
    """(M,): log of the mean of exp(logs), (M, N)."""
    most = logs.max(1, keepdims=True)
    most = np.where(np.isneginf(most), 0.0, most)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(logs - most).mean(1)) + most[:, 0]


def training_texts(topics: Topics, count: int, length: int, other: bool, rng: np.random.Generator) -> DrawnTexts:
    """other: whether a share of OTHER_SHARE belongs to the extra class. The known texts that stay are the same then."""
    known = topics.draw("known", count, length, rng)
    others = topics.draw("trained", count, length, rng)
    replaced = (rng.random(count) < OTHER_SHARE) & other
    return DrawnTexts(
        np.where(replaced[:, None], others.ids, known.ids), np.where(replaced, others.labels, known.labels)
    )
