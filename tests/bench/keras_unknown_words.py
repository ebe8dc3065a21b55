"""Id 0 as padding and as an unknown word in Keras, without embbench: a masked LSTM skips the unknown word.

python -m tests.bench.keras_unknown_words           on TensorFlow, whose StringLookup needs it anyway
"""

import os

os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}


def main() -> None:
    import keras
    import numpy as np
    from keras import layers

    print(f"Keras {keras.__version__}")
    text, without = ["good", "Zyzzyva", "film"], ["good", "film"]
    for mask_token in (None, ""):
        lookup = layers.StringLookup(vocabulary=["good", "film"], mask_token=mask_token)
        ids = [np.array([keras.ops.convert_to_numpy(lookup(np.array(words)))]) for words in (text, without)]
        keras.utils.set_random_seed(0)
        model = keras.Sequential([layers.Embedding(8, 4, mask_zero=True), layers.LSTM(4)])
        outputs = [keras.ops.convert_to_numpy(model(each)) for each in ids]
        equal = "the same" if np.array_equal(*outputs) else "another"
        print(
            f"  StringLookup(mask_token={mask_token!r}): ids {ids[0][0].tolist()}; without the unknown word the LSTM "
            f"with mask_zero gives {equal} output"
        )


if __name__ == "__main__":
    main()
