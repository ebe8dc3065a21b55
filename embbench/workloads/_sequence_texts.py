"""Texts of different lengths, and how a way of handling lengths makes batches of them. Without a framework.

A step trains on BATCHES batches, so that every way trains on the same texts in a step: buckets group them differently.
"""

from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.workload import CLASSES
from embbench.workloads import ByName

BATCHES = 4  # of a step, and buckets: a step has a batch of every bucket
COLUMNS = 8  # of a token's vector
BY_LENGTH = ("bucket", "sorted")  # batches hold texts of similar lengths
TO_LONGEST = ("sorted", "dynamic")  # batches end at their own longest text
SEVERAL = ("bucket", *TO_LONGEST)  # batches differ in their length

OnDevice = TypeVar("OnDevice")


class TextBatch(NamedTuple):
    """inputs: (B, L, COLUMNS) float32, zeros past a text's end. lengths, labels: (B,). L: the length of the batch."""

    inputs: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray


def bucket_ends(longest: int) -> np.ndarray:
    """(BATCHES,): the largest length of each bucket. Buckets are equally wide where `longest` is a multiple."""
    return -(-longest * np.arange(1, BATCHES + 1) // BATCHES)


def draw(case: Case, batches: int) -> ByName:
    """inputs (S, BATCHES, B, T, COLUMNS), lengths and labels (S, BATCHES, B), and ends (S, BATCHES), the lengths of the
    batches, for S steps. A step has B texts of each bucket, with lengths uniform within the bucket.

    The texts of a step are the same for every way. Raises Unsupported for fewer positions than buckets.
    """
    if case.seq < BATCHES:
        raise Unsupported(f"seq: {BATCHES} buckets need at least {BATCHES} tokens")
    steps, texts = max(1, batches // BATCHES), BATCHES * case.batch
    rng = np.random.default_rng([case.seed, 11])
    ends = bucket_ends(case.seq)
    starts = np.concatenate([[0], ends[:-1]])
    by_bucket = rng.integers(starts[:, None], ends[:, None], (steps, BATCHES, case.batch), endpoint=False) + 1
    lengths = rng.permuted(by_bucket.reshape(steps, texts), axis=1)
    inputs = rng.standard_normal((steps, texts, case.seq, COLUMNS), np.float32)
    inputs *= (np.arange(case.seq) < lengths[..., None])[..., None]
    labels = rng.integers(0, CLASSES, (steps, texts))
    order = _order(case, lengths, rng)
    shape = (steps, BATCHES, case.batch)
    grouped = np.take_along_axis(lengths, order, 1).reshape(shape)
    return {
        "inputs": np.take_along_axis(inputs, order[..., None, None], 1).reshape(*shape, case.seq, COLUMNS),
        "lengths": grouped,
        "labels": np.take_along_axis(labels, order, 1).reshape(shape),
        "ends": _ends(case, grouped),
    }


def _order(case: Case, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(S, texts): places of the texts, batch by batch. Batches by length come in a random order, as one shuffles them:
    else the long texts always train last.
    """
    if case.lengths not in BY_LENGTH:
        return np.broadcast_to(np.arange(lengths.shape[1]), lengths.shape)
    by_length = lengths.argsort(1, kind="stable").reshape(len(lengths), BATCHES, case.batch)
    return np.stack([each[rng.permutation(BATCHES)] for each in by_length]).reshape(lengths.shape)


def _ends(case: Case, lengths: np.ndarray) -> np.ndarray:
    """(S, BATCHES) from lengths (S, BATCHES, B)."""
    longest = lengths.max(2)
    if case.lengths in TO_LONGEST:
        return longest
    if case.lengths == "bucket":
        ends = bucket_ends(case.seq)
        return ends[np.searchsorted(ends, longest)]
    return np.full_like(longest, case.seq)


def batches_of(drawn: ByName, step: int) -> Iterator[TextBatch]:
    """The batches of a step; steps repeat in a cycle."""
    place = step % len(drawn["ends"])
    for inputs, lengths, labels, end in zip(
        *(drawn[name][place] for name in ("inputs", "lengths", "labels", "ends")), strict=True
    ):
        yield TextBatch(inputs[:, :end], lengths, labels)


def padding_read(case: Case, drawn: ByName) -> float:
    """The share of padding in the positions that an LSTM reads. Packed texts have none."""
    if case.lengths == "pack":
        return 0.0
    return 1 - drawn["lengths"].sum() / (drawn["ends"].sum() * case.batch)


def expected_padding(case: Case) -> float:
    """Of `padding_read` for pad, mask, pack and bucket. For equally wide buckets it is 1 - K(T+1)/(T(K+1)), with K = 1
    without buckets.
    """
    ends = bucket_ends(case.seq)
    starts = np.concatenate([[0], ends[:-1]])
    real = ((starts + 1 + ends) / 2).mean()
    return {"pack": 0.0, "bucket": 1 - real / ends.mean()}.get(case.lengths, 1 - real / case.seq)


class TextPasses(Generic[OnDevice]):
    """The batches of the steps in turn, placed on a device, and the number of times that the step was traced.

    The first step also trains on a batch of every length, so that later steps, which are timed, compile nothing.
    """

    def __init__(self, case: Case, drawn: ByName, place: Callable[[TextBatch], OnDevice]) -> None:
        by_step = [list(batches_of(drawn, step)) for step in range(len(drawn["ends"]))]
        self._steps = [[place(batch) for batch in each] for each in by_step]
        self._visited: dict[int, OnDevice] = {}
        for batches, placed in zip(by_step, self._steps, strict=True):
            for batch, one in zip(batches, placed, strict=True):
                self._visited.setdefault(batch.inputs.shape[1], one)
        self._facts = {
            "texts a step": BATCHES * case.batch,
            "real tokens a step": round(drawn["lengths"].sum() / len(by_step)),
            "padding read": f"{padding_read(case, drawn):.4f}",
            "batch lengths": len(self._visited),
        }
        self.taken, self.first_traces, self.later_traces = 0, 0, 0

    @property
    def distinct(self) -> int:
        """The number of different lengths of batches."""
        return len(self._visited)

    @property
    def longest(self) -> OnDevice:
        """A batch of the largest length."""
        return self._visited[max(self._visited)]

    def take(self) -> list[OnDevice]:
        """The batches of the next step."""
        visits = [] if self.taken else list(self._visited.values())
        self.taken += 1
        return visits + self._steps[(self.taken - 1) % len(self._steps)]

    def traced(self) -> None:
        """To be called where a framework runs the step's Python code only to build a program."""
        if self.taken > 1:
            self.later_traces += 1
        else:
            self.first_traces += 1

    def facts(self) -> dict[str, object]:
        return {**self._facts, "traces": self.first_traces}
