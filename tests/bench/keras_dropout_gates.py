"""The masks of a Keras LSTM, without embbench: one mask, or a mask per gate.

python -m tests.bench.keras_dropout_gates           all backends that are installed, a process each
"""

import importlib.util
import os
import subprocess
import sys

BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
KINDS = (
    {"dropout": 0.5},
    {"recurrent_dropout": 0.5},
    {"recurrent_dropout": 0.5, "implementation": 2},
    {"dropout": 0.5, "recurrent_dropout": 0.5},
)


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
    for how in KINDS:
        keras.utils.set_random_seed(0)
        layer = keras.layers.LSTM(64, **how)
        layer.build((32, 4, 16))
        cell = layer.cell
        inputs, states = (np.ones((32, units), "float32") for units in (16, 64))
        found = {
            "input": (cell.dropout, cell.get_dropout_mask(inputs)),
            "hidden state": (cell.recurrent_dropout, cell.get_recurrent_dropout_mask(states)),
        }
        told = []
        for place, (rate, masks) in found.items():
            if rate:
                gates = masks if isinstance(masks, list) else [masks]
                kept = [keras.ops.convert_to_numpy(each) > 0 for each in gates]
                equal = np.mean(np.all([each == kept[0] for each in kept], axis=0))
                told.append(f"{place} has {len(gates)}, equal in {equal:.0%} of units")
        text = ", ".join(f"{name}={value}" for name, value in how.items())
        print(f"  LSTM({text}): implementation {cell.implementation}; masks: {'; '.join(told)}")


if __name__ == "__main__":
    show(sys.argv[1]) if sys.argv[1:] else main()
