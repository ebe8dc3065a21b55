"""The shape of Keras examples: an LSTM over reviews in a functional, a sequential and a subclassed model, with a table
that trains, or with pretrained vectors that are frozen.
"""

import keras
import numpy as np
from keras import layers, ops


class Subclassed(keras.Model):
    def __init__(self, vocab):
        super().__init__()
        self.table = layers.Embedding(vocab, 8)
        self.rnn = layers.LSTM(8)
        self.head = layers.Dense(1, activation="sigmoid")

    def call(self, words):
        return self.head(self.rnn(self.table(words)))


class RawTable(layers.Layer):
    def __init__(self, vocab):
        super().__init__()
        self.vectors = self.add_weight(shape=(vocab, 8), initializer="uniform", name="vectors")

    def call(self, words):
        return ops.take(self.vectors, words, axis=0)


def batches_of(vocab, length=12):
    drawn = np.random.default_rng(3)
    return [(drawn.integers(1, vocab, (8, length)), drawn.integers(0, 2, (8, 1)).astype("float32")) for _ in range(12)]


def compiled(model, optimizer="adam"):
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


def build(vocab=2000, optimizer="adam"):
    words = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(vocab, 8)(words)
    out = layers.Dense(1, activation="sigmoid")(layers.Bidirectional(layers.LSTM(8))(vectors))
    return compiled(keras.Model(words, out), optimizer), batches_of(vocab)


def build_fixed():
    return build(2000)


def build_sequential(vocab=2000):
    model = keras.Sequential([layers.Embedding(vocab, 8), layers.LSTM(8), layers.Dense(1, activation="sigmoid")])
    return compiled(model), batches_of(vocab)


def build_subclassed(vocab=2000):
    return compiled(Subclassed(vocab)), batches_of(vocab)


def build_raw(vocab=2000):
    words = keras.Input((12,), dtype="int32")
    out = layers.Dense(1, activation="sigmoid")(layers.GlobalAveragePooling1D()(RawTable(vocab)(words)))
    return compiled(keras.Model(words, out)), batches_of(vocab)


def build_glove(vocab=2000):
    words = keras.Input((None,), dtype="int32")
    vectors = np.random.default_rng(1).standard_normal((vocab, 8))
    table = layers.Embedding(vocab, 8, embeddings_initializer=keras.initializers.Constant(vectors), trainable=False)
    out = layers.Dense(1, activation="sigmoid")(layers.LSTM(8)(table(words)))
    return compiled(keras.Model(words, out)), batches_of(vocab)
