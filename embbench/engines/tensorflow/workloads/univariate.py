"""A forecast from one number per time step, in a tf.function. The layers are Keras's."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.keras.workloads.univariate import load, make_forecast, weights_of
from embbench.engines.tensorflow.device import memory, set_up, settings, sync
from embbench.workloads.univariate import RATE, Batched


def prepare(case: Case, batches: Batched) -> "TensorFlowUnivariate":
    set_up(case)
    return TensorFlowUnivariate(case, batches)


class TensorFlowUnivariate:
    def __init__(self, case: Case, batches: Batched) -> None:
        self.case = case
        self.model: keras.Model = make_forecast(case)
        load(self.model, case)
        self.variables = [variable.value for variable in self.model.trainable_variables]
        self.batches = [
            tuple(map(tf.constant, batch)) for batch in zip(batches["inputs"], batches["targets"], strict=True)
        ]
        self.train = tf.function(self.train_on, autograph=False)
        self.total = tf.function(self.total_of, autograph=False)
        self.steps, self.last = 0, tf.zeros(())

    def train_on(self, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self.model(inputs, training=True)[:, 0] - targets) ** 2)
        for variable, gradient in zip(self.variables, tape.gradient(loss, self.variables), strict=True):
            variable.assign_sub(RATE * gradient)
        return loss

    def total_of(self, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum((self.model(inputs, training=False)[:, 0] - targets) ** 2)

    def step(self) -> None:
        if self.case.task == "evaluate":
            self.evaluate(self.case.batch)
            return
        self.last = self.train(*self.batches[self.steps % len(self.batches)])
        self.steps += 1

    def evaluate(self, size: int) -> float:
        """As a user writes it. The smaller last batch is another shape, and so another trace."""
        inputs, targets = self.batches[0]
        parts = range(0, len(inputs), size)
        found = [self.total(inputs[first : first + size], targets[first : first + size]) for first in parts]
        return float(tf.add_n(found)) / len(inputs)

    def sync(self) -> None:
        sync()

    def loss(self) -> float:
        return float(self.last)

    def weights(self) -> dict[str, np.ndarray]:
        return weights_of(self.model, keras.ops.convert_to_numpy)

    def memory(self) -> dict[str, int]:
        return memory(self.case)

    def describe(self) -> dict[str, Any]:
        return settings()

    def further_claims(self) -> list[Claim]:
        return []
