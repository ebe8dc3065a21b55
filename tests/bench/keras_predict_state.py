"""What predictions of Keras keep and change, without embbench: the state of a stateful LSTM, and random states.

python -m tests.bench.keras_predict_state           all backends that are installed, a process each
"""

import importlib.util
import os
import subprocess
import sys

BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}


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

    ones = np.ones((1, 1, 1), "float32")
    print(f"Keras {keras.__version__} on {backend}")

    def stateful(batch: int = 1) -> keras.Model:
        """Whatever its input, its hidden states are 0.2311, 0.3176, 0.3520, ..."""
        model = keras.Sequential([keras.Input(batch_shape=(batch, 1, 1)), keras.layers.LSTM(1, stateful=True)])
        zeros = np.zeros((1, 4), "float32")
        model.layers[0].set_weights([zeros, zeros, np.array([0, 0, 20, 0], "float32")])
        return model

    for name, call in (
        ("model.predict(x)", lambda model: model.predict(ones, verbose=0)),
        ("model.predict_on_batch(x)", lambda model: model.predict_on_batch(ones)),
        ("model(x)", lambda model: keras.ops.convert_to_numpy(model(ones))),
    ):
        model = stateful()
        print(f"  {name} three times:", *(f"{float(call(model)[0, 0]):.4f}" for _ in range(3)))
    print("  its variables:", *(variable.path.split("/")[-1] for variable in stateful().variables))

    try:
        rows = stateful(2).predict(np.ones((3, 1, 1), "float32"), batch_size=2, verbose=0)
        print("  batches of 2, predict of 3 samples:", len(rows), "rows")
    except ValueError as error:
        print("  batches of 2, predict of 3 samples:", type(error).__name__)

    model = stateful()
    model.compile("sgd", "mse")
    try:
        model.fit(ones, np.zeros((1, 1), "float32"), batch_size=1, verbose=0)
        print("  fit: trains")
    except RuntimeError as error:
        print(f"  fit: {str(error).partition(';')[0]}")

    model = keras.Sequential([keras.Input((3, 1)), keras.layers.LSTM(1, dropout=0.5)])
    before = [np.array(keras.ops.convert_to_numpy(variable)) for variable in model.variables]
    model.predict(np.ones((2, 3, 1), "float32"), verbose=0)
    after = [np.array(keras.ops.convert_to_numpy(variable)) for variable in model.variables]
    moved = [each.path for each, one, two in zip(model.variables, before, after, strict=True) if (one != two).any()]
    print("  LSTM(dropout=0.5): variables that predict changed:", *(moved or ["none"]))


if __name__ == "__main__":
    show(sys.argv[1]) if sys.argv[1:] else main()
