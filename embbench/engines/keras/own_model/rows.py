"""Rows that no batch looks up, added to tables in place before the first step."""

from collections.abc import Sequence

import keras
import numpy as np

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.values import replace_value, value_of
from embbench.engines.own_models import SEED


def add_rows(program: KerasProgram, tables: Sequence[keras.Variable], rows: int) -> None:
    """Makes tables have `rows` rows. tables: with equally many rows. Raises Unsupported for fewer rows than they have,
    and where the optimizer has state already.
    """
    there = tables[0].shape[0]
    if rows < there:
        raise Unsupported(f"the model's largest table has {there} rows, and rows can only be added")
    if rows == there:
        return
    if program.model.optimizer.built:
        raise Unsupported("the optimizer has state already, so no rows can be added")
    rng = np.random.default_rng(SEED)
    for each in tables:
        value = value_of(each)
        added = rng.normal(value.mean(), value.std(), (rows - there, value.shape[1]))
        replace_value(each, np.concatenate([value, added.astype(value.dtype)]))
    for layer in program.model._flatten_layers():
        if isinstance(layer, keras.layers.Embedding) and any(layer.embeddings is each for each in tables):
            layer.input_dim = rows
