"""Learning curves: how good a training is on samples that did not train, step by step."""

import math
from collections.abc import Iterable

import msgspec

SEEDS = 8  # trainings of a round; further rounds have further seeds


class LearningCurve(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The scores of one training. seed: of its data and initial weights; trainings with one seed are comparable pairs.

    steps: (n,) ascending numbers of training steps at which the model was scored. scores: name -> (n,) values, smaller
    is better; None for a value that is not finite. facts: name -> a number about the data, such as the loss of the best
    possible answer.
    """

    seed: int
    steps: tuple[int, ...]
    scores: dict[str, tuple[float | None, ...]]
    facts: dict[str, float] = {}


def finite(values: Iterable[float]) -> tuple[float | None, ...]:
    """The values of a score."""
    return tuple(float(each) if math.isfinite(each) else None for each in values)
