"""A compiled model that makes steps as `fit` makes them, without callbacks, on any backend."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from embbench.cases.case import Case
from embbench.engines.keras.trial import LossMetric

KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


class Fitted(ABC):
    """inputs: of the model, each (batches, B, ...). labels: (batches, B). Subclasses know where arrays are kept."""

    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        self.case, self.model = case, model
        tracker = LossMetric()
        self.last = tracker.last
        object.__setattr__(model, "_loss_tracker", tracker)  # the model's own setter would count it twice
        one = [each[0][:1] for each in inputs]
        model._symbolic_build(data_batch=(one[0] if len(one) == 1 else one, labels[0][:1]))
        model.make_train_function()

    @abstractmethod
    def step(self) -> Any:
        """On the next batch, in a cycle. Returns an array to wait for."""

    def value(self, variable: keras.Variable) -> np.ndarray:
        """A copy."""
        return np.array(keras.ops.convert_to_numpy(variable))

    @abstractmethod
    def kernel(self, training: bool) -> str:
        """What computes the LSTM, in a step or in a prediction."""


def fitted(case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> Fitted:
    backends = {"torch": FittedTorch, "jax": FittedJax, "tensorflow": FittedTensorFlow}
    return backends[keras.backend.backend()](case, model, inputs, labels)


def counted(products: int) -> str:
    return f"{products} matrix product{'' if products == 1 else 's'}"


def _given(batch: Sequence[Any]) -> Any:
    """What a model gets: its only input, or all of them."""
    return batch[0] if len(batch) == 1 else list(batch)


class FittedTorch(Fitted):
    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        import torch

        super().__init__(case, model, inputs, labels)
        placed = [torch.from_numpy(each).to(case.device) for each in (*inputs, labels)]
        self.batches = [(_given(batch[:-1]), batch[-1]) for batch in zip(*placed, strict=True)]
        self.next = itertools.cycle(self.batches)
        model.train()

    def step(self) -> Any:
        return self.model.train_function([next(self.next)])["loss"]

    def kernel(self, training: bool) -> str:
        from embbench.engines.torch.device import operators

        ran = operators(lambda: self.model(self.batches[0][0], training=training))
        if "aten::_cudnn_rnn" in ran:
            return "cuDNN"
        cells = self.case.seq * self.case.layers
        products = sum(ran.get(name, 0) for name in ("aten::mm", "aten::addmm")) // cells
        looped = ran.get("aten::sigmoid", 0) >= cells
        return f"Python loop with {counted(products)} a time step" if looped else "unknown"


class FittedJax(Fitted):
    """`fit` empties the model's variables and passes their values from step to step, as `self.state` does here."""

    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        import jax

        super().__init__(case, model, inputs, labels)
        self.batches = [jax.device_put((_given(batch[:-1]), batch[-1])) for batch in zip(*inputs, labels, strict=True)]
        self.next = itertools.cycle(self.batches)
        self.state = model._get_jax_state(**dict.fromkeys(KINDS, True), purge_model_variables=True)

    def step(self) -> Any:
        logs, self.state = self.model.train_function(self.state, self.next)
        return logs["loss"], self.state

    def value(self, variable: keras.Variable) -> np.ndarray:
        lists = (
            self.model.trainable_variables,
            self.model.non_trainable_variables,
            self.model.optimizer.variables,
            self.model.metrics_variables,
        )
        found = ((kind, place) for kind, each in enumerate(lists) for place, one in enumerate(each) if one is variable)
        kind, place = next(found)
        return np.array(self.state[kind][place])

    def kernel(self, training: bool) -> str:
        import jax

        trained, others, *_ = self.state
        given = self.batches[0][0]
        run = jax.make_jaxpr(lambda *state: self.model.stateless_call(*state, given, training=training))
        text = str(run(trained, others))
        if "cudnn" in text:
            return "cuDNN"
        products = text.count("dot_general[") - 1  # the head's
        return f"lax.scan with {counted(products // self.case.layers)} a time step" if " scan[" in text else "unknown"


class FittedTensorFlow(Fitted):
    """All batches are in one tensor, and `tf.data` adds no thread."""

    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        import tensorflow as tf

        super().__init__(case, model, inputs, labels)
        self.one = [tf.constant(each[0]) for each in inputs]
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False
        options.autotune.enabled = False
        staged = (inputs[0] if len(inputs) == 1 else tuple(inputs), labels)
        self.batches = iter(tf.data.Dataset.from_tensor_slices(staged).repeat().with_options(options))

    def step(self) -> Any:
        return self.model.train_function(self.batches)["loss"]

    def kernel(self, training: bool) -> str:
        import tensorflow as tf

        function = tf.function(lambda *given: self.model(_given(given), training=training))
        graph = function.get_concrete_function(*self.one).graph.as_graph_def()
        inner = {each.signature.name: each.node_def for each in graph.library.function}
        if any(node.op == "CudnnRNNV3" for nodes in (graph.node, *inner.values()) for node in nodes):
            return "cuDNN"
        bodies = [sum(node.op == "MatMul" for node in nodes) for name, nodes in inner.items() if "while_body" in name]
        return f"while loop with {counted(max(bodies))} a time step" if bodies else "unknown"
