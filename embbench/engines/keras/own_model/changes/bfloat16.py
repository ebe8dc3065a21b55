"""Tables in bfloat16: half of the bytes, with the rest of the model in its own type."""

from collections.abc import Mapping

import keras

from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.values import lookup_layers, replace_value, value_of
from embbench.engines.own_edit import MORE, Edit

SUMMARY = "tables in bfloat16"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`. An Embedding casts the rows that it looks up to the type of its results."""
    for layer in lookup_layers(program, tables).values():
        replace_value(layer.embeddings, value_of(layer.embeddings), "bfloat16")
    return MORE
