"""The trial of Keras 3 on TensorFlow: its train function, called as `fit` calls it."""

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.keras.trial import KerasTrial
from embbench.engines.tensorflow.device import Traced, memory, read_rows, settings, sync, write_rows
from embbench.engines.tensorflow.profile import profiled


class KerasTensorFlowTrial(KerasTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        jit = case.update == "jit"
        super().__init__(case, tokens, jit_compile=jit or "auto", use_cudnn=False if jit else "auto")
        # `fit` gives the train function a tf.data iterator, and the traced function takes the next batch; so does this
        # trial. A plain iterator would take the branch of train_on_batch. All batches are in one tensor, nothing is
        # shuffled, and the prefetching thread that tf.data adds is left out.
        staged = (tokens.ids.astype(np.int32), tokens.labels.astype(np.int32))
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False
        options.autotune.enabled = False
        self.batches = iter(tf.data.Dataset.from_tensor_slices(staged).repeat().with_options(options))

    def train(self) -> dict[str, tf.Tensor]:
        return self.model.train_function(self.batches)

    def profile(self, steps: int) -> dict[str, float]:
        """Keras names a scope after its optimizer. Neither an XLA program nor a GPU shows its operations here."""
        return profiled(self, steps, {"optimizer": self.model.optimizer.name}) if self.case.device == "cpu" else {}

    def parts(self) -> dict[str, Callable[[], None]]:
        """Each part is compiled separately, as Keras compiles its train step. The batch is taken outside."""
        look_up, network = self.halves()
        every, dense = self.model.trainable_variables, network.trainable_variables
        how, found = {"jit_compile": self.model.jit_compile}, {}

        def program(run: Callable[..., Any]) -> Callable[..., Any]:
            inner = tf.function(run, **how)
            return tf.function(lambda batches: inner(*next(batches)))

        @program
        def rows_of(ids: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            return look_up(ids)

        @program
        def of_dense(ids: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
            rows = tf.stop_gradient(look_up(ids))
            with tf.GradientTape() as tape:
                loss = self.model.loss(labels, network(rows, training=True))
            return tape.gradient(loss, [each.value for each in dense])

        @program
        def of_all(ids: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor | tf.IndexedSlices]:
            with tf.GradientTape() as tape:
                loss = self.model.loss(labels, self.model(ids, training=True))
            return tape.gradient(loss, [each.value for each in every])

        move = tf.function(lambda gradients: self.model.optimizer.apply(gradients, every), **how)

        def run_gradients() -> None:
            found.clear()  # a step frees its gradient before the next step makes one
            found["all"] = of_all(self.batches)

        return {
            "lookup": lambda: found.update(rows=rows_of(self.batches)),
            "network": lambda: found.update(dense=of_dense(self.batches)),
            "gradients": run_gradients,
            "update": lambda: move(found["all"]),
        }

    def sync(self) -> None:
        sync()

    def copy_of(self, variable: keras.Variable) -> np.ndarray:
        return variable.value.numpy()

    def rows_of(self, variable: keras.Variable, rows: np.ndarray) -> np.ndarray:
        return read_rows(variable.value, rows)

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        for table, rows, part in self.tables_of(ids, values):
            write_rows(table.value, rows, part)

    def memory(self) -> dict[str, int]:
        return memory(self.case)

    def describe(self) -> dict[str, Any]:
        step = Traced(inspect.getclosurevars(self.model.train_function).nonlocals["multi_step_on_iterator"])
        gradient = next((told for name, told in GRADIENTS.items() if name in step.operations), "dense")
        gradient = "none" if self.case.table == "frozen" else gradient
        return {**step.describe(), **self.own_settings(), "table gradient": gradient, **settings()}


# Operation in the traced step -> how the gradient reached the table. The first operation that occurs counts.
GRADIENTS = {
    "ResourceScatterSub": "IndexedSlices, subtracted from the table one by one",
    "UnsortedSegmentSum": "IndexedSlices, summed into a dense gradient",
}
