"""TensorFlow gives lookups sparse gradients by itself."""

from typing import Any

import keras
import tensorflow as tf


def make_sparse(layer: keras.layers.Embedding) -> None:
    """See `gradient_rows.GradientRows`."""


def rows_of(gradient: Any) -> tuple[Any, Any]:
    """See `gradient_rows.GradientRows`."""
    if not isinstance(gradient, tf.IndexedSlices):
        return None, gradient
    rows, places = tf.unique(tf.reshape(gradient.indices, (-1,)))
    values = tf.reshape(gradient.values, (-1, gradient.values.shape[-1]))
    return rows, tf.math.unsorted_segment_sum(values, places, tf.size(rows))


def read(variable: keras.Variable, rows: Any) -> Any:
    """See `gradient_rows.GradientRows`."""
    return tf.gather(variable.value, rows)  # of the variable: after a write of some rows, a read of all copies them


def write(variable: keras.Variable, rows: Any, values: Any) -> None:
    """See `gradient_rows.GradientRows`."""
    variable.value.scatter_update(tf.IndexedSlices(tf.cast(values, variable.dtype), rows))
