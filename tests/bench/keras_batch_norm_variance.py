"""The variance of Keras's batch norm at a large mean, without embbench: two passes, or E[x^2] - E[x]^2.

python -m tests.bench.keras_batch_norm_variance     all backends that are installed, a process each
"""

import importlib.util
import os
import subprocess
import sys

BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
BATCHES = ([8191, 8193], [11586, 11588])  # variance 1
STEPS = 100


def main() -> None:
    for backend, package in BACKENDS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{backend}: not installed")
            continue
        environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run([sys.executable, "-m", __spec__.name, backend], env=environment, check=True)


def show(backend: str) -> None:
    import keras
    import numpy as np

    print(f"Keras {keras.__version__} on {backend}")
    for batch in BATCHES:
        rows = np.array(batch, "float32")[:, None]
        layer = keras.layers.BatchNormalization()
        first = keras.ops.convert_to_numpy(layer(rows, training=True)).ravel()
        for _ in range(STEPS - 1):
            layer(rows, training=True)
        moving = float(keras.ops.convert_to_numpy(layer.moving_variance)[0])
        later = keras.ops.convert_to_numpy(layer(rows, training=False)).ravel()
        print(f"  {batch}: outputs {first}, right [-1, 1]")
        print(f"    after {STEPS} steps: moving variance {moving:.4g}, right 1; predictions {later}")


if __name__ == "__main__":
    show(sys.argv[1]) if sys.argv[1:] else main()
