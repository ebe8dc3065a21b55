"""A small part of each row trains, beside a frozen part: a share of the columns."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.values import lookup_layers, replace_value, value_of
from embbench.engines.own_changes import SHARE
from embbench.engines.own_edit import MORE, Edit

SUMMARY = f"train 1/{SHARE} of the columns, freeze the others"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`."""
    for path, layer in lookup_layers(program, tables).items():
        value = value_of(layer.embeddings)
        columns = value.shape[1] // SHARE
        if not columns:
            raise Unsupported(f"{path} has fewer than {SHARE} columns")
        layer._tracker.unlock()  # a built layer takes no further variables
        layer.frozen_columns = keras.Variable(value[:, columns:], trainable=False, name="frozen_columns")
        layer._tracker.lock()
        replace_value(layer.embeddings, value[:, :columns])
        layer.call = _beside(layer, layer.call)
    return MORE


def _beside(layer: keras.layers.Embedding, own: Any) -> Any:
    def call(inputs: Any) -> Any:
        rows = own(inputs)
        frozen = ops.take(layer.frozen_columns, ops.cast(inputs, "int32"), axis=0)
        return ops.concatenate([rows, ops.cast(frozen, rows.dtype)], axis=-1)

    return call
