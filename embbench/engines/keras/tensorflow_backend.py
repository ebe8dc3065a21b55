"""TensorFlow below Keras: set-up, fence, memory, and steps as `fit` makes them."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.cases.case import Case
from embbench.engines.keras.workloads._device import Backend
from embbench.engines.keras.workloads._fitted import Fitted, as_inputs, counted
from embbench.engines.tensorflow import device


def set_up(case: Case) -> Backend:
    device.set_up(case)
    return Backend(lambda _: device.sync(), lambda: device.memory(case), device.settings)


class FittedTensorFlow(Fitted):
    """All batches are in one tensor, and `tf.data` adds no thread."""

    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        super().__init__(case, model, inputs, labels)
        self.one = [tf.constant(each[0]) for each in inputs]
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False
        options.autotune.enabled = False
        staged = (inputs[0] if len(inputs) == 1 else tuple(inputs), labels)
        self.batches = iter(tf.data.Dataset.from_tensor_slices(staged).repeat().with_options(options))
        self.predicting = tf.function(lambda *given: model(as_inputs(given), training=False))

    def predict(self, *inputs: np.ndarray) -> np.ndarray:
        return self.predicting(*map(tf.constant, inputs)).numpy()

    def feed(self, batches: Iterator[tuple[Any, Any]]) -> None:
        """The train function takes an iterator of Python too, as `train_on_batch` does."""
        self.batches = batches

    def step(self) -> Any:
        return self.model.train_function(self.batches)["loss"]

    def kernel(self, training: bool) -> str:
        function = tf.function(lambda *given: self.model(as_inputs(given), training=training))
        graph = function.get_concrete_function(*self.one).graph.as_graph_def()
        inner = {each.signature.name: each.node_def for each in graph.library.function}
        if any(node.op == "CudnnRNNV3" for nodes in (graph.node, *inner.values()) for node in nodes):
            return "cuDNN"
        bodies = [sum(node.op == "MatMul" for node in nodes) for name, nodes in inner.items() if "while_body" in name]
        return f"while loop with {counted(max(bodies))} a time step" if bodies else "unknown"


FITTED = FittedTensorFlow
