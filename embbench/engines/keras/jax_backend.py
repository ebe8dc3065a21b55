"""JAX below Keras: set-up, fence, memory, and steps as `fit` makes them."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import keras
import numpy as np

from embbench.cases.case import Case
from embbench.engines.jax import device
from embbench.engines.keras.workloads._device import Backend
from embbench.engines.keras.workloads._fitted import Fitted, as_inputs, counted

KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


def set_up(case: Case) -> Backend:
    place = device.set_up(case)
    peak = device.Peak(place)
    return Backend(jax.block_until_ready, peak.since_last, lambda: device.settings(place), place)


class FittedJax(Fitted):
    """`fit` empties the model's variables and passes their values from step to step, as `self.state` does here."""

    def __init__(self, case: Case, model: keras.Model, inputs: Sequence[np.ndarray], labels: np.ndarray) -> None:
        super().__init__(case, model, inputs, labels)
        self.batches = [
            jax.device_put((as_inputs(batch[:-1]), batch[-1])) for batch in zip(*inputs, labels, strict=True)
        ]
        self.next = itertools.cycle(self.batches)
        self.state = model._get_jax_state(**dict.fromkeys(KINDS, True), purge_model_variables=True)
        self.predicting = jax.jit(lambda *state: model.stateless_call(*state, training=False)[0])

    def feed(self, batches: Iterator[tuple[Any, Any]]) -> None:
        self.next = batches

    def step(self) -> Any:
        logs, self.state = self.model.train_function(self.state, self.next)
        return logs["loss"], self.state

    def value(self, variable: keras.Variable) -> np.ndarray:
        kind, place = self._place_of(variable)
        return np.array(self.state[kind][place])

    def assign(self, variable: keras.Variable, array: np.ndarray) -> None:
        kind, place = self._place_of(variable)
        self.state[kind][place] = jax.numpy.array(array, variable.dtype)

    def predict(self, *inputs: np.ndarray) -> np.ndarray:
        trained, others, *_ = self.state
        return np.asarray(self.predicting(trained, others, as_inputs(inputs)))

    def _place_of(self, variable: keras.Variable) -> tuple[int, int]:
        lists = (
            self.model.trainable_variables,
            self.model.non_trainable_variables,
            self.model.optimizer.variables,
            self.model.metrics_variables,
        )
        found = ((kind, place) for kind, each in enumerate(lists) for place, one in enumerate(each) if one is variable)
        return next(found)

    def kernel(self, training: bool) -> str:
        trained, others, *_ = self.state
        given = self.batches[0][0]
        run = jax.make_jaxpr(lambda *state: self.model.stateless_call(*state, given, training=training))
        text = str(run(trained, others))
        if "cudnn" in text:
            return "cuDNN"
        products = text.count("dot_general[") - 1  # the head's
        return f"lax.scan with {counted(products // self.case.layers)} a time step" if " scan[" in text else "unknown"


FITTED = FittedJax
