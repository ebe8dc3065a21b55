"""Tables that do not train."""

from collections.abc import Mapping

import keras

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.own_edit import MORE, Argument, Edit

SUMMARY = "Embedding(..., trainable=False)"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`."""
    training = [each for each in tables.values() if each.trainable]
    if not training:
        raise Unsupported("no table trains")
    layers = [each for each in program.model._flatten_layers() if isinstance(each, keras.layers.Embedding)]
    made = [each for each in layers if any(each.embeddings is table for table in training)]
    for each in training:
        each.trainable = False
    arguments = [Argument(each, "trainable=False") for each in made]
    return Edit(arguments) if len(made) == len(training) else MORE
