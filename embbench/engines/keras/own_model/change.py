"""What may make a user's own Keras step cheaper: the contract of the files in `changes`."""

import importlib
from collections.abc import Mapping
from typing import Protocol, cast

import keras

from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.own_edit import Edit


class KerasChange(Protocol):
    """The contents of a file in `changes`. SUMMARY: what the user changes."""

    SUMMARY: str

    def apply(self, program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
        """Changes a program before its first step. tables: by path. Raises Unsupported with the reason where the
        program cannot be changed so; exceptions of Keras are not caught.
        """


def keras_change(name: str) -> KerasChange:
    return cast(KerasChange, importlib.import_module(f"embbench.engines.keras.own_model.changes.{name}"))
