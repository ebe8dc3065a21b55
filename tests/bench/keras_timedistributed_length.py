"""TimeDistributed of Keras over an unknown number of time steps, without embbench.

python -m tests.bench.keras_timedistributed_length           all backends that are installed, a process each
"""

import importlib.util
import os
import subprocess
import sys

BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
LENGTHS = (3, 4, 5)


def main() -> None:
    for backend, package in BACKENDS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{backend}: not installed")
            continue
        environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run([sys.executable, "-m", __spec__.name, backend], env=environment, check=True)


def show(backend: str) -> None:
    import keras

    print(f"Keras {keras.__version__} on {backend}: lengths {LENGTHS}, one after the other")
    for samples in (2, 5, 6):
        for name, jit in (("predict", False), ("predict, jit_compile", True)):
            if backend != "torch" or not jit:
                print(f"  {samples} samples, {name}: {', '.join(map(str, outputs(samples, jit)))} time steps")
    if backend == "tensorflow":
        show_layers()


def outputs(samples: int, jit: bool) -> list[int | str]:
    """Time steps of the outputs, or the name of an error."""
    import keras
    import numpy as np

    given = keras.Input((None, 1))
    model = keras.Model(given, keras.layers.TimeDistributed(keras.layers.Dense(1))(given))
    model.compile(jit_compile=jit)
    found: list[int | str] = []
    for length in LENGTHS:
        try:
            inputs = np.ones((samples, length, 1), "float32")
            found.append(model.predict(inputs, batch_size=samples, verbose=0).shape[1])
        except Exception as error:  # noqa: BLE001 - each backend raises an error of its own
            found.append(type(error).__name__)
    return found


def show_layers() -> None:
    """As many samples as time steps, so that the output has its size."""
    import keras
    import numpy as np
    import tensorflow as tf

    def run(layer: keras.layers.Layer, inputs: np.ndarray) -> np.ndarray:
        wrapped = keras.layers.TimeDistributed(layer)
        wrapped.build((None, None, inputs.shape[2]))
        signature = [tf.TensorSpec((None, None, inputs.shape[2]))]
        return tf.function(lambda given: wrapped(given, training=True), input_signature=signature)(inputs).numpy()

    kept = run(keras.layers.Dropout(0.5), np.ones((8, 8, 512), "float32")) > 0
    print(f"  Dropout, 8 time steps: one mask for all of them in {np.mean(kept.all(1) | ~kept.any(1)):.0%} of units")
    norm = keras.layers.BatchNormalization(momentum=0.9)
    run(norm, np.array([[[1], [3]], [[2], [4]]], "float32"))
    print(f"  BatchNormalization, means 1.5 and 3.5: moving mean {norm.moving_mean.numpy()[0]:.3f}, not 0.485")


if __name__ == "__main__":
    show(sys.argv[1]) if sys.argv[1:] else main()
