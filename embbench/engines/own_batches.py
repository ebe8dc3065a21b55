"""The batches that a user's own function returned, taken before anything is timed."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from embbench.errors import UsageError

STAGED = 64
READING = 5.0  # most seconds of reading batches to find the rows that are in the data


class OwnBatches(NamedTuple):
    """staged: the first STAGED batches. rest: the batches after them; None for a function of the step, which has no
    end.
    """

    staged: list[Any]
    rest: Iterator[Any] | None


def take_batches(batches: Any, name: str) -> OwnBatches:
    """batches: an iterable, or a function of the step. name: of the user's function. Raises UsageError without a
    batch.
    """
    if not isinstance(batches, Iterable) and hasattr(batches, "__getitem__") and hasattr(batches, "__len__"):
        batches = (batches[place] for place in range(len(batches)))  # such as a PyDataset, which has no iterator
    if isinstance(batches, Iterable):
        rest: Iterator[Any] | None = iter(batches)
        drawn = rest
    elif callable(batches):
        rest, drawn = None, (batches(step) for step in range(STAGED))
    else:
        raise UsageError(
            f"{name} returned {type(batches).__name__} as batches; return an iterator, or a function of the step"
        )
    staged = [batch for _, batch in zip(range(STAGED), drawn, strict=False)]
    if not staged:
        raise UsageError(f"the batches of {name} are empty; return batches to train on")
    return OwnBatches(staged, rest)
