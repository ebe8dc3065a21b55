"""The lines of a user's code that make optimizers and layers with a table."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from embbench.engines.user_file import CallPlace, call_in

MADE = (torch.optim.Optimizer, nn.Embedding, nn.EmbeddingBag)


Places = dict[int, CallPlace]  # by the `id` of an object


@contextlib.contextmanager
def seeing_places(folder: Path) -> Iterator[Places]:
    """The places of all optimizers and tables that are made while it is entered. folder: of the user's code."""
    places: Places = {}
    originals = {kind: kind.__init__ for kind in MADE}
    for kind, original in originals.items():
        kind.__init__ = _seeing(original, places, folder)
    try:
        yield places
    finally:
        for kind, original in originals.items():
            kind.__init__ = original


def _seeing(original: Any, places: Places, folder: Path) -> Any:
    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        if (place := call_in(folder)) is not None:
            places[id(self)] = place
        original(self, *args, **kwargs)

    return made
