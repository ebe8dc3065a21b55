"""Tables that do not train."""

from collections.abc import Mapping

import keras

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.program import KerasProgram

SUMMARY = "Embedding(..., trainable=False)"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> None:
    """See `change.KerasChange`."""
    training = [each for each in tables.values() if each.trainable]
    if not training:
        raise Unsupported("no table trains")
    for each in training:
        each.trainable = False
