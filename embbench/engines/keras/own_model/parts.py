"""The parts of a user's own Keras step, where the backend makes its step part by part."""

import importlib
from collections.abc import Container

import keras

from embbench.engines.keras.own_model.program import KerasProgram


def parts_of(program: KerasProgram, tables: Container[str]) -> dict[str, list[float]]:
    """Part -> seconds in each of some steps. tables: their paths. {} on TensorFlow and JAX: a compiled step has no
    parts that a clock could tell apart.
    """
    if keras.backend.backend() != "torch":
        return {}
    return importlib.import_module(f"{__package__}.parts_torch").parts_of(program, tables)
