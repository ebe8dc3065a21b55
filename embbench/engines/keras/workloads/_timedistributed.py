"""What TimeDistributed does to layers, lengths and batches, on any backend of Keras."""

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.claim import Deviation
from embbench.cases.workload import CLASSES
from embbench.workloads._timedistributed_expected import (
    BATCH,
    BATCH_NORM,
    COUNTED,
    DROPOUT,
    EPSILON,
    FEW,
    FILTERS,
    FLAT,
    FRAMES,
    HALF,
    KERNEL,
    LENGTHS,
    LENGTHS_OF_FEW,
    LENGTHS_OF_MANY,
    MOMENTUM,
    SAMPLES,
    UNKNOWN,
    Applied,
    calls,
    masks,
    moved_once,
    moving,
)

QUIET: dict[str, Any] = {"verbose": 0}

# Seen with Keras 3.15.1, in time_distributed.py; `tests/bench/keras_timedistributed_length.py` shows it without
# embbench.
ALWAYS_KNOWN = (
    "arrays and traced arrays always have a length, so TimeDistributed calls its layer in a Python loop for "
    "Input((None, D)) too: the program grows with the number of time steps, and each length is another program"
)
LOST = (
    "TimeDistributed over an unknown number of time steps maps over as many as the batch has samples (time_distributed"
    ".py: the shape is read before batch and time are exchanged). Fewer samples than time steps cut the output without "
    "an error; more samples raise an error, or repeat the last time step with XLA. fit and predict come to this with "
    "their second length"
)
ONE_MASK = "TimeDistributed over an unknown number of time steps draws one mask of dropout for all of them"
ONE_UPDATE = (
    "TimeDistributed over an unknown number of time steps updates the moving statistics of batch normalization with "
    "the first time step only"
)


def on_tensorflow() -> bool:
    return keras.backend.backend() == "tensorflow"


class WithoutLength(layers.Layer):
    """Hides the number of time steps from the program, as a data set of several lengths does. TensorFlow only."""

    def call(self, inputs: Any) -> Any:
        import tensorflow as tf

        return tf.compat.v1.placeholder_with_default(inputs, (inputs.shape[0], None, *inputs.shape[2:]))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape[0], None, *input_shape[2:]


def on_unknown_time(vectors: Any) -> Any:
    """The same vectors, of unknown length where a program can have such vectors."""
    return WithoutLength()(vectors) if on_tensorflow() else vectors


@cache
def time_is_lost() -> bool:
    """Whether this Keras confuses time steps and samples where the number of time steps is unknown."""
    if not on_tensorflow():
        return False
    inputs = np.zeros((FEW, COUNTED, 1), np.float32)
    return apply_layer("dense", inputs, UNKNOWN).outputs.shape[1] != COUNTED


def make_layer(name: str) -> Any:
    keras.utils.set_random_seed(0)
    return {
        "dense": lambda: layers.Dense(CLASSES),
        "convolution": lambda: layers.Conv2D(FILTERS, KERNEL),
        "layer normalization": lambda: layers.LayerNormalization(),
        BATCH_NORM: lambda: layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON),
        DROPOUT: lambda: layers.Dropout(HALF),
    }[name]()


def apply_layer(name: str, inputs: np.ndarray, way: str) -> Applied:
    """A layer in training. inputs: (B, T, ...)."""
    made = make_layer(name)
    if way == FLAT and name == "convolution":
        outputs = made(inputs.reshape(-1, *inputs.shape[2:]))
        outputs = ops.reshape(outputs, (*inputs.shape[:2], *outputs.shape[1:]))
    elif way == FLAT:
        outputs = made(inputs, training=True)
    else:
        outputs = _wrapped(layers.TimeDistributed(made), inputs, way)
    mean = made.moving_mean if name == BATCH_NORM else None
    return Applied(ops.convert_to_numpy(outputs), None if mean is None else ops.convert_to_numpy(mean))


def _wrapped(layer: Any, inputs: np.ndarray, way: str) -> Any:
    layer.build((None, None, *inputs.shape[2:]) if way == UNKNOWN else inputs.shape)
    if way != UNKNOWN or not on_tensorflow():
        return layer(ops.convert_to_tensor(inputs), training=True)
    import tensorflow as tf

    signature = [tf.TensorSpec((None, None, *inputs.shape[2:]))]
    return tf.function(lambda given: layer(given, training=True), input_signature=signature)(inputs)


def lengths_of_outputs(samples: int) -> list[int]:
    """Time steps that a model for any length predicts for inputs of LENGTHS, one after the other."""
    given = keras.Input((None, 1))
    model = keras.Model(given, layers.TimeDistributed(layers.Dense(1))(given))
    inputs = [np.ones((samples, length, 1), np.float32) for length in LENGTHS]
    try:
        return [model.predict(each, batch_size=samples, **QUIET).shape[1] for each in inputs]
    except _out_of_range() as error:
        lines = [line for line in str(error).splitlines() if "out of bounds" in line]
        raise RuntimeError(*lines[:1]) from error


def _out_of_range() -> type[Exception]:
    """What the backend raises for an index past the end. TensorFlow's error is no RuntimeError."""
    if not on_tensorflow():
        return IndexError
    import tensorflow as tf

    return tf.errors.InvalidArgumentError


def of_an_epoch() -> tuple[int, list[int]]:
    """(updates of `fit`, shape of an array that the model gets), for SAMPLES samples of FRAMES in batches of BATCH."""
    shapes: list[tuple[int, ...]] = []

    class Seeing(layers.Layer):
        def call(self, inputs: Any) -> Any:
            shapes.append(inputs.shape)
            return inputs

    front = layers.TimeDistributed(layers.GlobalAveragePooling2D())
    model = keras.Sequential([keras.Input(FRAMES), Seeing(), front, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)  # a traced program does not show the size of a batch
    shapes.clear()
    data = np.zeros((SAMPLES, *FRAMES), np.float32), np.zeros((SAMPLES, 1), np.float32)
    model.fit(*data, batch_size=BATCH, **QUIET)
    return int(ops.convert_to_numpy(model.optimizer.iterations)), list(map(int, shapes[-1]))


def known_deviations() -> dict[str, Deviation]:
    if not on_tensorflow():
        return {calls(UNKNOWN).name: Deviation((COUNTED,), ALWAYS_KNOWN)}
    return {
        LENGTHS_OF_FEW.name: Deviation((LENGTHS[0], FEW, FEW), LOST),
        LENGTHS_OF_MANY.name: Deviation((), LOST),
        masks(UNKNOWN).name: Deviation((1,), ONE_MASK),
        moving(UNKNOWN).name: Deviation((moved_once(),), ONE_UPDATE),
    }
