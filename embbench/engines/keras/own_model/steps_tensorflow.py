"""TensorFlow below Keras: `fit` gives the train function an iterator of `tf.data`."""

import itertools
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.engines.keras.own_model.steps import stacked


class TensorFlowSteps:
    """Batches of equal shapes are in one tensor, and `tf.data` adds no thread. Batches of different shapes come from a
    generator, as from a Sequence of the user's.
    """

    def __init__(self, model: keras.Model, batches: list[tuple[Any, ...]]) -> None:
        self._model, together = model, stacked(batches)
        if together is not None:
            data = tf.data.Dataset.from_tensor_slices(together).repeat()
        else:
            signature = keras.tree.map_structure(_of_any_shape, batches[0])
            data = tf.data.Dataset.from_generator(lambda: itertools.cycle(batches), output_signature=signature)
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False
        options.autotune.enabled = False
        self._batches = iter(data.with_options(options))

    def step(self) -> Any:
        return self._model.train_function(self._batches)

    def weights(self) -> list[np.ndarray]:
        return [np.array(each.value) for each in self._model.trainable_variables]


def _of_any_shape(array: Any) -> tf.TensorSpec:
    found = np.asarray(array)
    return tf.TensorSpec((None,) * found.ndim, found.dtype)


STEPS = TensorFlowSteps
