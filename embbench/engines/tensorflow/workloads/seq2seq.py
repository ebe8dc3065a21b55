"""An encoder and a decoder with teacher forcing in a tf.function. The layers are Keras's."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.keras.workloads.seq2seq import TranslatingModel
from embbench.engines.tensorflow.device import Traced, memory, set_up, settings, sync
from embbench.workloads import ByName
from embbench.workloads._seq2seq_claims import LEARNING_RATE, start


def prepare(case: Case, drawn: ByName) -> "TensorFlowTranslation":
    set_up(case)
    return TensorFlowTranslation(case, drawn)


class TensorFlowTranslation:
    def __init__(self, case: Case, drawn: ByName) -> None:
        self.case, self.made = case, TranslatingModel(start(case), case.seq, head=True)
        self.variables = [variable.value for _, variable in self.made.variables()]
        self.batches = [
            tuple(map(tf.constant, batch)) for batch in zip(drawn["source"], drawn["fed"], drawn["labels"], strict=True)
        ]
        self.train = tf.function(self.train_on, autograph=False)
        self.steps, self.recent = 0, tf.zeros(())

    def train_on(self, source: tf.Tensor, fed: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            scores = self.made.model([source, fed], training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores))
        for variable, gradient in zip(self.variables, tape.gradient(loss, self.variables), strict=True):
            variable.assign_sub(LEARNING_RATE * gradient)
        return loss

    def step(self) -> None:
        self.recent = self.train(*self.batches[self.steps % len(self.batches)])
        self.steps += 1

    def sync(self) -> None:
        sync()

    def memory(self) -> dict[str, int]:
        return memory(self.case)

    def describe(self) -> dict[str, Any]:
        return {**Traced(self.train).describe(), **settings()}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        found = {name: np.array(keras.ops.convert_to_numpy(variable)) for name, variable in self.made.variables()}
        return {name: array.T if array.ndim == 2 else array for name, array in found.items()}

    def decode(self, weights: ByName, source: np.ndarray, fed: np.ndarray) -> np.ndarray:
        model = TranslatingModel(weights, source.shape[1], head=False).model
        return keras.ops.convert_to_numpy(model([source, fed]))

    def further_claims(self) -> list[Claim]:
        return []
