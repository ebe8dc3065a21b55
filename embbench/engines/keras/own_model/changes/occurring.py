"""A table of the rows that are in the data: the ids of the batches become places in it."""

from collections.abc import Mapping

import keras
import numpy as np

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.data_rows import ids_of, with_ids
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.values import lookup_layers, replace_value, value_of
from embbench.engines.own_changes import MOST_IN_DATA
from embbench.engines.own_edit import MORE, Edit

SUMMARY = "only the rows that are in the data"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`. For a single table that looks up the only integers of the inputs."""
    layers = lookup_layers(program, tables)
    if len(layers) > 1:
        raise Unsupported("the model has several tables, and it is unknown which table gets which ids")
    ((path, layer),) = layers.items()
    rows = ids_of(program)
    if rows is None:
        raise Unsupported("the batches have no end, or inputs are not a single array of ids: the data is unknown")
    count = layer.embeddings.shape[0]
    rows = np.union1d(rows, [0]) if layer.mask_zero else rows  # so that id 0 stays id 0
    if len(rows) > MOST_IN_DATA * count:
        raise Unsupported(f"{len(rows)} of {count} rows are in the data")
    replace_value(layer.embeddings, value_of(layer.embeddings)[rows])
    layer.input_dim = len(rows)
    program.batches = [with_ids(batch, np.searchsorted(rows, np.asarray(batch[0]))) for batch in program.batches]
    program.fewer[path] = rows
    return MORE
