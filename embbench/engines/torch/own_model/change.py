"""What may make a user's own step cheaper: the contract of the files in `changes`, whose listing is the registry."""

import importlib
from collections.abc import Mapping
from typing import Protocol, cast

import torch

from embbench.engines.own_edit import Edit
from embbench.engines.torch.own_model.program import TorchProgram


class OwnChange(Protocol):
    """The contents of a file in `changes`. SUMMARY: what the user changes."""

    SUMMARY: str

    def apply(self, program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
        """Changes a program before its first step. tables: by name. Raises Unsupported with the reason where the
        program cannot be changed so, now or in a step; exceptions of PyTorch are not caught.
        """


def change_named(name: str) -> OwnChange:
    return cast(OwnChange, importlib.import_module(f"embbench.engines.torch.own_model.changes.{name}"))
