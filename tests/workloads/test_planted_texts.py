"""Planted texts: exact accuracies of the best answers, and texts that are what they are said to be."""

import itertools
import math

import numpy as np
import pytest

from embbench.cases.workload import CLASSES
from embbench.errors import UsageError
from embbench.workloads._planted_texts import LEAST_VOCAB, Language, best_answer
from embbench.workloads._planted_worth import BANDS, OTHER, OWN
from embbench.workloads._scoring import accuracy, log_losses, standard_error

VOCAB = LEAST_VOCAB


def best_accuracy(length, own, other):
    """Of two classes, by summing over all numbers of keywords."""
    total = 0.0
    for mine, others in itertools.product(range(length + 1), repeat=2):
        rest = length - mine - others
        if rest >= 0:
            ways = math.factorial(length) // (math.factorial(mine) * math.factorial(others) * math.factorial(rest))
            chance = ways * own**mine * other**others * (1 - own - other) ** rest
            total += chance * accuracy(best_answer(np.array([[mine, others]]), own, other), np.array([0]))
    return total


@pytest.mark.parametrize(
    ("length", "own", "other", "expected"),
    [
        (1, 0.3, 0.1, 0.60),
        (2, 0.3, 0.1, 0.66),
        (64, 0.06, 0.03, 0.78680),
        (64, 0.10, 0.04, 0.90353),
        (64, 0.08, 0.02, 0.94219),
    ],
)
def test_the_best_answers_have_the_known_accuracies(length, own, other, expected):
    assert best_accuracy(length, own, other) == pytest.approx(expected, abs=5e-6)


@pytest.fixture(scope="module")
def texts():
    rng = np.random.default_rng(3)
    language = Language(VOCAB, rng)
    return language, language.draw(20_000, 16, rng)


def test_keywords_are_as_frequent_as_said(texts):
    _, drawn = texts
    own = drawn.counts[np.arange(len(drawn.labels)), drawn.labels].mean() / 16
    other = drawn.counts.sum(1).mean() / 16 - own
    # 4 standard errors of shares of 320,000 tokens
    assert own == pytest.approx(OWN, abs=4 * (OWN * (1 - OWN) / 320_000) ** 0.5)
    assert other == pytest.approx(OTHER, abs=4 * (OTHER * (1 - OTHER) / 320_000) ** 0.5)


def test_counts_are_those_of_the_words_and_a_text_has_words_of_its_band_only(texts):
    language, drawn = texts
    kind = {int(word): (band, each) for band, words in enumerate(language.keywords) for each in range(CLASSES)
            for word in words[each]}  # fmt: skip
    assert len(kind) == CLASSES * sum(BANDS.values())
    for ids, band, counts in zip(drawn.ids[:200], drawn.bands, drawn.counts, strict=False):
        planted = [kind[int(word)] for word in ids if int(word) in kind]
        assert {each for each, _ in planted} <= {band}
        assert [sum(of == each for _, of in planted) for each in range(CLASSES)] == counts.tolist()


def test_the_best_answers_are_calibrated(texts):
    """The mean loss equals the mean of the losses that the answers themselves expect, within 4 standard errors."""
    _, drawn = texts
    answers = best_answer(drawn.counts)
    expected = -(np.exp(answers) * answers).sum(1)
    off = log_losses(answers, drawn.labels) - expected
    assert abs(off.mean()) < 4 * standard_error(off)


def test_a_vocabulary_without_room_for_the_keywords_is_refused():
    with pytest.raises(UsageError, match=f"need {LEAST_VOCAB} rows"):
        Language(LEAST_VOCAB - 1, np.random.default_rng(0))
