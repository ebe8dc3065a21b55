"""Unknown words and ids in Keras without embbench: what a lookup gives, what a mask swallows, what a table reads.

KERAS_BACKEND=jax python -m tests.bench.keras_unknown_ids
"""

import keras
import numpy as np
from keras import layers, ops


def states(ids, mask):
    """The last hidden state of an LSTM whose state tells its number of time steps: 0.2311, 0.3176, 0.3520."""
    lstm = layers.LSTM(1)
    lstm.build((None, None, 2))
    lstm.set_weights([np.zeros((2, 4)), np.zeros((1, 4)), np.array([0.0, 0.0, 20.0, 0.0])])
    return float(np.ravel(ops.convert_to_numpy(lstm(layers.Embedding(4, 2, mask_zero=mask)(ids))))[0])


def read(run):
    try:
        return np.ravel(ops.convert_to_numpy(run())).tolist()
    except Exception as error:  # noqa: BLE001 - what it raises is the finding
        return type(error).__name__


def main():
    print(f"Keras {keras.__version__} on {keras.backend.backend()}")
    lookup = layers.StringLookup(vocabulary=["a", "b"])
    with_mask = layers.StringLookup(vocabulary=["a", "b"], mask_token="")
    words, unknown = [["a", "x", "b"]], [["x", "y", "z"]]
    print("a, x, b:", read(lambda: lookup(words)), "with a mask token:", read(lambda: with_mask(words)))
    print("state behind a mask of id 0:", states(lookup(words), True), "without:", states(lookup(words), False))
    print("with a mask token:", states(with_mask(words), True), "unknown alone:", states(lookup(unknown), True))
    print("hash of A to E into 3:", read(lambda: layers.Hashing(3)(list("ABCDE"))))
    buckets = layers.StringLookup(vocabulary=["a"], num_oov_indices=3)
    numbers = layers.IntegerLookup(vocabulary=[1000], num_oov_indices=3)
    print("3 buckets, A to E:", read(lambda: buckets(list("ABCDE"))))
    print("3 buckets, 3, 4, 5, -1, -2, 100:", read(lambda: numbers([3, 4, 5, -1, -2, 100])))
    table = layers.Embedding(3, 1, weights=[np.array([[1.0], [2.0], [3.0]])])
    model = keras.Sequential([keras.Input((1,), dtype="int32"), table])
    for number in (3, -1):
        ids = np.array([[number]], np.int32)
        print(f"id {number} of 3 rows:", read(lambda ids=ids: table(ids)))
        for compiled in (False, True):
            model.compile("sgd", "mse", jit_compile=compiled)
            print(f"  predict, jit_compile={compiled}:", read(lambda ids=ids: model.predict(ids, verbose=0)))


if __name__ == "__main__":
    main()
