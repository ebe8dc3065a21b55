"""The batches that a user's own function returned, taken before anything is timed."""

from collections.abc import Iterable, Iterator
from typing import Any

from embbench.errors import UsageError

STAGED = 64


def staged(batches: Any, name: str) -> list[Any]:
    """The first STAGED batches of an iterable, or of a function of the step. name: of the user's function. Raises
    UsageError without a batch.
    """
    found = [batch for _, batch in zip(range(STAGED), _drawn(batches, name), strict=False)]
    if not found:
        raise UsageError(f"the batches of {name} are empty; return batches to train on")
    return found


def _drawn(batches: Any, name: str) -> Iterator[Any]:
    if isinstance(batches, Iterable):
        return iter(batches)
    if callable(batches):
        return (batches(step) for step in range(STAGED))
    raise UsageError(
        f"{name} returned {type(batches).__name__} as batches; return an iterator, or a function of the step"
    )
