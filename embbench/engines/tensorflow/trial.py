"""A tf.function step over a tf.Variable as table, with TensorFlow's training kernels."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.cases.capabilities import Inside, TablePrograms
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.keras.trial import initial_table, make_network
from embbench.engines.tensorflow.device import Traced, memory, settings, sync
from embbench.engines.tensorflow.inside import inside_of
from embbench.engines.tensorflow.optimizer import KernelOptimizer
from embbench.engines.tensorflow.parts import parts_of
from embbench.engines.tensorflow.profile import profiled
from embbench.engines.tensorflow.table_alone import table_programs

LOOKUP, OPTIMIZER = "lookup", "optimizer"  # scopes by which a profile finds parts of a step


class TensorFlowTrial:
    """The text classifier. LSTM and head are Keras layers; Keras trains nothing here."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        self.case = case
        values = initial_table(case.seed, (case.vocab, case.dim), case.dtype)
        self.table = tf.Variable(values, trainable=case.table != "frozen")
        vectors = keras.Input((case.seq, case.dim))
        self.network = make_network(case, vectors, vectors)
        self.dense = [variable.value for variable in self.network.trainable_variables]
        self.optimizer = KernelOptimizer(case, [*([self.table] if self.table.trainable else []), *self.dense])
        # A tensor per batch, because slicing one tensor would be a separate operation in each step.
        staged = zip(tokens.ids.astype(case.ids, copy=False), tokens.labels, strict=True)
        self.batches = [(tf.constant(ids), tf.constant(labels)) for ids, labels in staged]
        self.program = tf.function(self.train, autograph=False)
        self.steps = 0
        self.last: tf.Tensor | None = None

    def train(self, ids: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        loss, gradients = self.gradients(ids, labels)
        with tf.name_scope(OPTIMIZER):
            self.optimizer.apply(gradients)
        return loss

    def gradients(self, ids: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor | tf.IndexedSlices]]:
        """The loss, and its gradients by everything that trains."""
        trained = self.optimizer.variables
        with tf.GradientTape() as tape:
            with tf.name_scope(LOOKUP):
                rows = tf.nn.embedding_lookup(self.table, ids)
            loss = self.score(rows, labels)
        return loss, tape.gradient(loss, trained)

    def score(self, rows: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Mean cross-entropy."""
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self.network(rows, training=True))
        return tf.reduce_mean(losses)

    def step(self) -> None:
        self.last = self.program(*self.next_batch())

    def next_batch(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Ids and labels."""
        self.steps += 1
        return self.batches[(self.steps - 1) % len(self.batches)]

    def parts(self) -> dict[str, Callable[[], None]]:
        return parts_of(self)

    def table_alone(self) -> TablePrograms | None:
        return table_programs(self)

    def profile(self, steps: int) -> dict[str, float]:
        """On a GPU the host only launches the work."""
        if self.case.device != "cpu":
            return {}
        return profiled(self, steps, {each: each for each in (LOOKUP, OPTIMIZER)})

    def sync(self) -> None:
        sync()

    def loss(self) -> float:
        assert self.last is not None, "no step yet"
        return float(self.last)

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return tf.gather(self.table, ids).numpy()

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        self.table.scatter_update(tf.IndexedSlices(values, ids))

    def inspect(self, ids: np.ndarray) -> Inside:
        return inside_of(self, ids)

    def memory(self) -> dict[str, int]:
        return memory(self.case)

    def describe(self) -> dict[str, Any]:
        step = Traced(self.program)
        kernels = sorted(name for name in step.operations if name.startswith(WRITERS))
        return {**step.describe(), "optimizer": ", ".join(kernels), **settings()}


WRITERS = ("ResourceApply", "ResourceSparseApply", "ResourceScatter", "AssignSubVariableOp")  # they move variables
