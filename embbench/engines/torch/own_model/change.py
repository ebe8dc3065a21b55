"""What may make a user's own step cheaper: the contract of the files in `changes`, whose listing is the registry."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast

import torch

from embbench.engines.torch.own_model.program import TorchProgram


class Argument(NamedTuple):
    """An argument that the user adds where an object of the program is made: an optimizer, or a layer."""

    made: Any
    text: str


class Edit(NamedTuple):
    """What a user writes for a change. lines: before the function returns; `{model}` and `{optimizer}` stand for what
    the function returns under these names. written: whether arguments and lines are all that a user writes.
    """

    arguments: Sequence[Argument] = ()
    lines: Sequence[str] = ()
    written: bool = True


MORE = Edit(written=False)  # the change needs code of its own


class OwnChange(Protocol):
    """The contents of a file in `changes`. SUMMARY: what the user changes."""

    SUMMARY: str

    def apply(self, program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
        """Changes a program before its first step. tables: by name. Raises Unsupported with the reason where the
        program cannot be changed so, now or in a step; exceptions of PyTorch are not caught.
        """


def change_named(name: str) -> OwnChange:
    return cast(OwnChange, importlib.import_module(f"embbench.engines.torch.own_model.changes.{name}"))
