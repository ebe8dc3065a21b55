"""The rows of a table that occur anywhere in a user's data: for models whose inputs are a single array of ids."""

import itertools
import time
from typing import Any

import numpy as np

from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.own_batches import READING

Batch = tuple[Any, Any, Any]


def ids_of(program: KerasProgram) -> np.ndarray | None:
    """(n,) the ids in the inputs of all batches, sorted. None where the batches do not end within READING seconds, or
    inputs are anything else. Batches after the staged batches can be read once, so the answer is kept.
    """
    if program.ids is None and program.rest is not None:
        program.ids = _distinct(program)
        program.rest = None
    return program.ids


def _distinct(program: KerasProgram) -> np.ndarray | None:
    found, until = np.zeros(0, np.int64), time.monotonic() + READING
    for batch in itertools.chain(program.batches, program.rest or ()):
        inputs = batch[0] if isinstance(batch, tuple | list) else None
        array = None if isinstance(inputs, tuple | list | dict) or inputs is None else np.asarray(inputs)
        if array is None or not np.issubdtype(array.dtype, np.integer) or time.monotonic() > until:
            return None
        found = np.union1d(found, array)
    return found


def with_ids(batch: Batch, ids: np.ndarray) -> Batch:
    """The batch with other ids of the same type."""
    return ids.astype(np.asarray(batch[0]).dtype), batch[1], batch[2]
