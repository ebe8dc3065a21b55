"""The training steps of a compiled Keras model as `fit` makes them, without callbacks, on any backend.

`train_on_batch` was rejected: it converts every batch and every loss.
"""

import itertools
from abc import ABC, abstractmethod
from typing import Any

import keras
import numpy as np

from embbench.engines.keras.trial import LossMetric


class FitSteps(ABC):
    """An epoch is a pass over the batches, inputs (n, B, ...) and targets (n, B, ...)."""

    def __init__(self, model: keras.Model, inputs: np.ndarray, targets: np.ndarray) -> None:
        self.model, self.tracker = model, LossMetric()
        object.__setattr__(model, "_loss_tracker", self.tracker)  # the model's own setter would count it twice
        # `fit` does the same before its first step: it builds the loss and the optimizer's state.
        model._symbolic_build(data_batch=(inputs[0], targets[0]))
        model.make_train_function()
        self.epoch, self.steps = len(inputs), 0
        self.stage(inputs, targets)

    def step(self) -> None:
        if self.steps % self.epoch == 0:
            self.begin_epoch()
        self.steps += 1
        self.train()

    def begin_epoch(self) -> None:
        self.model.reset_metrics()

    def loss(self) -> float:
        """Of the last step, before its update."""
        return float(keras.ops.convert_to_numpy(self.value_of(self.tracker.last)))

    def value_of(self, variable: keras.Variable) -> Any:
        """The current array of a variable."""
        return variable.value

    def give_back(self) -> None:
        """Puts the state into the model, so that other methods of the model may be called."""
        return

    @abstractmethod
    def stage(self, inputs: np.ndarray, targets: np.ndarray) -> None:
        """Makes the batches arrays of the backend, as `fit` gives them to the train function."""

    @abstractmethod
    def train(self) -> None:
        """Calls the train function on the next batch."""


class OnTorch(FitSteps):
    def stage(self, inputs: np.ndarray, targets: np.ndarray) -> None:
        self.batches = [tuple(map(keras.ops.convert_to_tensor, batch)) for batch in zip(inputs, targets, strict=True)]

    def begin_epoch(self) -> None:
        super().begin_epoch()
        self.model.train()

    def train(self) -> None:
        self.model.train_function([self.batches[(self.steps - 1) % self.epoch]])


class OnTensorFlow(FitSteps):
    def stage(self, inputs: np.ndarray, targets: np.ndarray) -> None:
        import tensorflow as tf

        options = tf.data.Options()  # as in `KerasTensorFlowTrial`: no thread beside the step
        options.experimental_optimization.inject_prefetch = False
        options.autotune.enabled = False
        staged = tf.data.Dataset.from_tensor_slices((inputs, targets))
        self.batches = iter(staged.repeat().with_options(options))

    def train(self) -> None:
        self.model.train_function(self.batches)


class OnJax(FitSteps):
    """`fit` empties the model's variables and passes their values from step to step, as `state` does here."""

    KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")

    def stage(self, inputs: np.ndarray, targets: np.ndarray) -> None:
        import jax

        self.batches = itertools.cycle([jax.device_put(batch) for batch in zip(inputs, targets, strict=True)])
        self.state: Any = None

    def begin_epoch(self) -> None:
        self.give_back()
        super().begin_epoch()

    def train(self) -> None:
        if self.state is None:
            self.state = self.model._get_jax_state(**dict.fromkeys(self.KINDS, True), purge_model_variables=True)
        _, self.state = self.model.train_function(self.state, self.batches)

    def give_back(self) -> None:
        if self.state is not None:
            self.model._jax_state = dict(zip(self.KINDS, self.state, strict=True))
            self.model._jax_state_synced = False
            self.model.jax_state_sync()
            self.state = None

    def value_of(self, variable: keras.Variable) -> Any:
        if self.state is None:
            return variable.value
        lists = [getattr(self.model, kind) if kind != "optimizer_variables" else self.model.optimizer.variables
                 for kind in self.KINDS]  # fmt: skip
        return next(
            values[place]
            for variables, values in zip(lists, self.state, strict=True)
            for place, each in enumerate(variables)
            if each is variable
        )


def fit_steps(model: keras.Model, inputs: np.ndarray, targets: np.ndarray) -> FitSteps:
    """The steps on the backend of this process."""
    kinds = {"torch": OnTorch, "tensorflow": OnTensorFlow, "jax": OnJax}
    return kinds[keras.backend.backend()](model, inputs, targets)
