"""Texts of different lengths in a tf.function, which traces a program for each length. The layers are Keras's."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.engines.keras.workloads.sequence import as_given, inputs_of, make_model, read
from embbench.engines.tensorflow.device import Traced, memory, set_up, settings, sync
from embbench.workloads import ByName
from embbench.workloads._sequence_expected import EACH_LENGTH, LEARNING_RATE
from embbench.workloads._sequence_texts import TextBatch, TextPasses

CHOICES = {"lengths": ["pad", "mask", "bucket", "sorted", "dynamic"]}

Fed = tuple[Any, tf.Tensor]  # inputs of the model, labels


def prepare(case: Case, drawn: ByName) -> "TensorFlowSequence":
    set_up(case)
    return TensorFlowSequence(case, drawn)


class TensorFlowSequence:
    def __init__(self, case: Case, drawn: ByName) -> None:
        self.case = case
        self.passes = TextPasses(case, drawn, self.place)
        self.model, self.named = make_model(case)
        self.variables = [variable.value for _, variable in self.named]
        self.train = tf.function(self.train_on, autograph=False)
        self.recent = tf.zeros(())

    def place(self, batch: TextBatch) -> Fed:
        return as_given([tf.constant(each) for each in inputs_of(self.case, batch)]), tf.constant(batch.labels)

    def train_on(self, given: Any, labels: tf.Tensor) -> tf.Tensor:
        self.passes.traced()
        with tf.GradientTape() as tape:
            scores = self.model(given, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores))
        for variable, gradient in zip(self.variables, tape.gradient(loss, self.variables), strict=True):
            variable.assign_sub(LEARNING_RATE * gradient)
        return loss

    def step(self) -> None:
        for batch in self.passes.take():
            self.recent = self.train(*batch)

    def sync(self) -> None:
        sync()

    def memory(self) -> dict[str, int]:
        return memory(self.case)

    def describe(self) -> dict[str, Any]:
        return {**Traced(self.train).describe(), **self.passes.facts(), **settings()}

    def loss(self) -> float:
        return float(self.recent)

    def weights(self) -> ByName:
        found = {name: np.array(keras.ops.convert_to_numpy(variable)) for name, variable in self.named}
        return {name: array.T if array.ndim == 2 else array for name, array in found.items()}

    def read(self, weights: ByName, batch: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        return read(self.case, weights, batch)

    def further_claims(self) -> Iterator[Claim]:
        yield check(EACH_LENGTH, lambda: [self.passes.first_traces - self.passes.distinct])
