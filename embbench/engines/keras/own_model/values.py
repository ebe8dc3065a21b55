"""Other values of a Keras variable, of another shape or type, before the first step."""

from collections.abc import Mapping

import keras
import numpy as np

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.program import KerasProgram


def replace_value(variable: keras.Variable, value: np.ndarray, dtype: str | None = None) -> None:
    """Keras allows only values of the same shape, so this sets what a Variable keeps inside. dtype: None to keep it."""
    tensor = keras.ops.convert_to_tensor(value, dtype or variable.dtype)
    variable._shape, variable._dtype = tuple(value.shape), dtype or variable._dtype
    if keras.backend.backend() == "torch":
        variable._value.data = tensor  # the layer holds the Parameter too, and empties its gradient
    else:
        variable._initialize(tensor)


def value_of(variable: keras.Variable) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(variable))


def lookup_layers(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> dict[str, keras.layers.Embedding]:
    """Path of a training table -> the Embedding that looks its rows up. Raises Unsupported without any, and where the
    optimizer has state already.
    """
    layers = [each for each in program.model._flatten_layers() if isinstance(each, keras.layers.Embedding)]
    found = {each.embeddings.path: each for each in layers if each.built and each.embeddings.trainable}
    found = {path: each for path, each in found.items() if path in tables}
    if not found:
        raise Unsupported("no Embedding layer with a trainable table looks the rows up")
    if program.model.optimizer.built:
        raise Unsupported("the optimizer has state already")
    return found
