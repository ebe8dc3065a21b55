"""The labelled texts of a user's file, some of which train and some of which are held out."""

from typing import Any

import numpy as np

from embbench.cases.case import Case
from embbench.cases.drawing import LabelledTexts
from embbench.cases.streams import Tokens
from embbench.cases.tokens import PADDING
from embbench.errors import UsageError
from embbench.workloads._learning import HELD_OUT, READ_BACK, Scored, looked_up
from embbench.workloads._scoring import accuracy

SHARE = 0.2  # of the texts: held out
SMOOTHING = 1.0  # added to each count of a word, Laplace's rule


class OwnLesson:
    """See `_learning.Lesson`. Each seed holds out other texts. A held-out text that is equal to a training text, as
    rows of the table, is left out: a network could remember its label.

    facts: classes; texts, held_out: their numbers; guess_errors, the share of errors of the label that is most frequent
    in training; count_errors, of a naive Bayes classifier, which counts the words of training texts and knows no order.
    """

    SCORE = "loss"

    def __init__(self, case: Case, texts: LabelledTexts) -> None:
        """Raises UsageError where the file has too few texts for a batch."""
        rng = np.random.default_rng([case.seed, 11])
        order, total = rng.permutation(len(texts.labels)), len(texts.labels)
        apart = min(HELD_OUT, round(SHARE * total))
        batches = min(total - apart, case.texts) // case.batch
        if not batches:
            raise UsageError(
                f"batch: {total - apart} of the {total} labelled texts train, which fill no batch of {case.batch}; "
                "give more texts, or a smaller --batch"
            )
        train = order[apart : apart + batches * case.batch]
        ids, labels = texts.rows(train, case.vocab, case.seq), texts.labels[train].astype(np.int64)
        shape = batches, case.batch
        self.batches = Tokens(ids.reshape(*shape, case.seq), labels.reshape(shape))
        held_out = texts.rows(order[:apart], case.vocab, case.seq)
        new = ~_among(held_out, ids)
        if not new.any():
            raise UsageError("tokens: all held-out texts are equal to training texts: give a file of different texts")
        held_out, held_labels = held_out[new], texts.labels[order[:apart]][new].astype(np.int64)
        classes = len(texts.names)
        self.held_out = Scored(looked_up(held_out), held_labels, classes)
        self.read_back = Scored(looked_up(ids[:READ_BACK]), labels[:READ_BACK], classes)
        shares = np.bincount(labels, minlength=classes)
        counted = naive_bayes(ids, labels, classes, case.vocab, held_out)
        self.facts = {
            "classes": float(classes),
            "texts": float(len(labels)),
            "held_out": float(len(held_labels)),
            "guess_errors": 1 - float((held_labels == shares.argmax()).mean()),
            "count_errors": 1 - accuracy(counted, held_labels),
        }

    def plant(self, case: Case, trial: Any) -> None:
        """A file has no pretrained rows: the workload refuses them."""


def naive_bayes(ids: np.ndarray, labels: np.ndarray, classes: int, vocab: int, asked: np.ndarray) -> np.ndarray:
    """(len(asked), classes): log P(label, text) up to a constant, by the multinomial naive Bayes classifier with
    SMOOTHING (Manning et al., Introduction to Information Retrieval, 13.2), without padding. ids, asked: (M, S).
    labels: (M,).
    """
    counts = np.full((classes, vocab), SMOOTHING)
    np.add.at(counts, (labels[:, None], ids), 1.0)
    counts[:, PADDING] = 0.0
    shares = np.log(np.maximum(counts, SMOOTHING) / counts.sum(1, keepdims=True))
    shares[:, PADDING] = 0.0
    priors = np.log((np.bincount(labels, minlength=classes) + SMOOTHING) / (len(labels) + classes * SMOOTHING))
    return priors + shares[:, asked].sum(-1).T


def _among(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(len(some),) whether a row of `some` is a row of `others`."""
    _, numbers = np.unique(np.concatenate([others, some]), axis=0, return_inverse=True)
    return np.isin(numbers[len(others) :], numbers[: len(others)])
