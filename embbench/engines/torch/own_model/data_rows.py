"""The rows of a table that occur anywhere in a user's data."""

import itertools
import time
import weakref

import numpy as np
import torch
from torch.utils._pytree import tree_leaves

from embbench.engines.own_batches import READING
from embbench.engines.torch.own_model.program import TorchProgram

TOGETHER = 64  # batches whose rows are merged at once

Found = dict[int, np.ndarray]  # place of an integer tensor in a batch -> (n,) its distinct values, sorted
_known: "weakref.WeakKeyDictionary[TorchProgram, Found | None]" = weakref.WeakKeyDictionary()


def rows_in_data(program: TorchProgram, number: int, ids: np.ndarray) -> np.ndarray | None:
    """(n,) the rows that all batches have at the place where batch `number` has the rows `ids`, sorted. None where the
    batches do not end within READING seconds, or where no integer tensor of the batch has these rows.
    """
    found = read_data(program)
    if found is None or not len(ids):
        return None
    batch = _integers(program.batches[number])
    places = [place for place, values in batch.items() if place in found and np.isin(ids, values).all()]
    return min((found[place] for place in places), key=len, default=None)


def read_data(program: TorchProgram) -> Found | None:
    """The distinct values of all batches; None where they do not end in time. The batches after the staged batches can
    be read once, so the answer is kept.
    """
    if program not in _known:
        _known[program] = _distinct(program)
        program.rest = None
    return _known[program]


def _distinct(program: TorchProgram) -> Found | None:
    if program.rest is None:
        return None
    until = time.monotonic() + READING
    every = itertools.chain(program.batches, program.rest)
    found: Found = {}
    while batches := [_integers(batch) for _, batch in zip(range(TOGETHER), every, strict=False)]:
        for place in {place for batch in batches for place in batch}:
            values = [batch[place] for batch in batches if place in batch]
            found[place] = np.unique(np.concatenate([found.get(place, values[0]), *values]))
        if time.monotonic() > until:
            return None
    return found


def _integers(batch: object) -> Found:
    leaves = [each for each in tree_leaves(batch) if isinstance(each, torch.Tensor)]
    return {
        place: torch.unique(each).cpu().numpy()
        for place, each in enumerate(leaves)
        if not each.is_floating_point() and not each.is_complex() and each.dtype != torch.bool
    }
