"""The lines of a user's code that make optimizers and layers with a table."""

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

MADE = (torch.optim.Optimizer, nn.Embedding, nn.EmbeddingBag)


class CodePlace(NamedTuple):
    file: Path
    line: int


Places = dict[int, CodePlace]  # by the `id` of an object


@contextlib.contextmanager
def seeing_places(folder: Path) -> Iterator[Places]:
    """The places of all optimizers and tables that are made while it is entered. folder: of the user's code."""
    places: Places = {}
    originals = {kind: kind.__init__ for kind in MADE}
    for kind, original in originals.items():
        kind.__init__ = _seeing(original, places, str(folder))
    try:
        yield places
    finally:
        for kind, original in originals.items():
            kind.__init__ = original


def _seeing(original: Any, places: Places, folder: str) -> Any:
    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        for frame, line in traceback.walk_stack(sys._getframe()):
            file = frame.f_code.co_filename
            if file.startswith(folder) and "site-packages" not in file:
                places[id(self)] = CodePlace(Path(file), line)
                break
        original(self, *args, **kwargs)

    return made
