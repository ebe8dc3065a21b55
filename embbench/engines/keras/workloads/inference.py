"""Predictions in Keras 3, on any backend."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.cases.streams import Tokens
from embbench.engines.keras.trial import make_model
from embbench.engines.keras.workloads._device import Backend, arrays, set_up
from embbench.workloads.inference import (
    AFTER_FIT,
    AFTER_VALIDATION,
    PLAIN_CALL,
    STATEFUL,
    TRAINED_UNCHANGED,
    KeptArrays,
    Regularized,
    z_states,
)

CHOICES = {"way": ["call", "predict", "predict_on_batch"]}

Call = Callable[[Any], Any]

# Way -> the call of a model, with batches of a size.
WAYS: dict[str, Callable[[keras.Model, int], Call]] = {
    "call": lambda model, size: lambda ids: model(ids, training=False),
    "predict": lambda model, size: lambda ids: model.predict(ids, batch_size=size, verbose=0),
    "predict_on_batch": lambda model, size: model.predict_on_batch,
}


def prepare(case: Case, tokens: Tokens) -> "KerasInference":
    return KerasInference(case, tokens, set_up(case))


class KerasInference:
    """`predict` and `predict_on_batch` get NumPy arrays, as users have them. `call` gets arrays of the backend."""

    def __init__(self, case: Case, tokens: Tokens, backend: Backend) -> None:
        self.case, self.backend = case, backend
        self.model = make_model(case, jit_compile="auto")
        self.run = WAYS[case.way](self.model, case.batch)
        size = case.per_call if case.way == "predict" else 1
        whole = len(tokens.ids) // case.per_call * case.per_call
        ids = tokens.ids[:whole].astype(np.int32)
        staged = list(ids.reshape(-1, size * case.batch, case.seq))
        self.ids = [ops.convert_to_tensor(each) for each in staged] if case.way == "call" else staged
        self.calls = case.per_call // size
        self.batches, self.last = 0, np.empty(0)

    def step(self) -> None:
        for _ in range(self.calls):
            self.last = self.run(self.ids[self.batches % len(self.ids)])
            self.batches += 1

    def sync(self) -> None:
        self.backend.sync(self.last)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        return {"jit_compile": str(self.model.jit_compile), **self.backend.settings()}

    def kept(self) -> KeptArrays:
        return arrays([*self.model.variables, *self.model.optimizer.variables])

    def scores(self) -> np.ndarray:
        return ops.convert_to_numpy(self.last)[-self.case.batch :]

    def regularized(self) -> Regularized:
        model = trained_model()
        return Regularized(KerasPredictor(model, self.case.way), SMALL_IDS, named(model), EPSILON)

    def cell(self, stateful: bool) -> "KerasZLstm":
        return KerasZLstm(self.case.way, stateful)

    def known(self) -> dict[str, Deviation]:
        if keras.backend.backend() == "torch":
            return {name: Deviation((), NO_BACKWARD) for name in (AFTER_FIT.name, AFTER_VALIDATION.name)}
        found = {TRAINED_UNCHANGED.name: Deviation((1,), SEED_MOVES)}
        if keras.backend.backend() == "jax":
            lost = tuple(z_states(1))
            found |= {name: Deviation(lost, STATE_LOST) for name in (AFTER_FIT.name, AFTER_VALIDATION.name)}
            if self.case.way != "call":
                found[STATEFUL.name] = Deviation(lost * len(STATEFUL.want), STATE_LOST)
        return found

    def further_claims(self) -> Iterator[Claim]:
        known, model = self.known(), trained_model()
        yield check(AFTER_FIT, lambda: _after_fit(evaluate=True), known)
        yield check(AFTER_VALIDATION, lambda: _after_fit(evaluate=False), known)
        plain, explicit = (ops.convert_to_numpy(model(SMALL_IDS, **how)) for how in ({}, {"training": False}))
        yield check(PLAIN_CALL, lambda: [(plain != explicit).sum()], known)


# Seen with Keras 3.15.1; `tests/bench/keras_predict_state.py` shows them without embbench.
SEED_MOVES = (
    "on TensorFlow and JAX an LSTM layer with dropout draws a mask in predictions too and does not use it: its random "
    "state moves on, so that later training differs"
)
STATE_LOST = (
    "on JAX the states of a stateful layer are not among the model's variables: fit, evaluate and predict start from "
    "the same state again; only model(x) keeps the state"
)
NO_BACKWARD = "on PyTorch a stateful LSTM cannot be trained: its state is overwritten before backward (keras#23462)"


def _after_fit(evaluate: bool) -> np.ndarray:
    """The state of a Z-LSTM in `predict`, after a time step of `fit` and one of `evaluate` or of validation in `fit`.
    The rate is 0, so that the weights stay.
    """
    cell = KerasZLstm("predict", stateful=True)
    cell.model.compile(keras.optimizers.SGD(0.0), "mse")
    steps, target = np.ones((1, 1, 1), np.float32), np.zeros((1, 1, 1), np.float32)
    more = {} if evaluate else {"validation_data": (steps, target)}
    cell.model.fit(steps, target, batch_size=1, verbose=0, **more)
    if evaluate:
        cell.model.evaluate(steps, target, batch_size=1, verbose=0)
    return cell.predict(1)


ROWS, DIM, HIDDEN, CLASSES, TRAINED, EPSILON = 50, 8, 8, 8, 3, 1e-3
SMALL_IDS = np.random.default_rng(8).integers(0, ROWS, (6, 5)).astype(np.int32)


def trained_model() -> keras.Model:
    """A small classifier with dropout, noise and batch normalization, after some steps of Adam."""
    keras.utils.set_random_seed(0)
    ids = keras.Input(SMALL_IDS.shape[1:], dtype="int32")
    hidden = layers.LSTM(HIDDEN, dropout=0.5, name="lstm")(layers.Embedding(ROWS, DIM, name="table")(ids))
    hidden = layers.Dropout(0.5)(layers.GaussianNoise(1.0)(hidden))
    hidden = layers.BatchNormalization(epsilon=EPSILON, name="normal")(hidden)
    model = keras.Model(ids, layers.Dense(CLASSES, name="head")(hidden))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for _ in range(TRAINED):
        model.train_on_batch(SMALL_IDS, np.arange(len(SMALL_IDS)) % CLASSES)
    return model


def named(model: keras.Model) -> dict[str, np.ndarray]:
    """The weights of a small classifier as `Regularized` names them. Keras stores kernels transposed."""
    w_input, w_recurrent, bias = model.get_layer("lstm").get_weights()
    scale, shift, mean, variance = model.get_layer("normal").get_weights()
    head_weight, head_bias = model.get_layer("head").get_weights()
    (rows,) = model.get_layer("table").get_weights()
    return {
        **{"rows": rows, "w_input0": w_input.T, "w_recurrent0": w_recurrent.T, "bias0": bias},
        **{"scale": scale, "shift": shift, "mean": mean, "variance": variance},
        **{"head_weight": head_weight.T, "head_bias": head_bias},
    }


class KerasPredictor:
    def __init__(self, model: keras.Model, way: str) -> None:
        self.model, self.call = model, WAYS[way](model, len(SMALL_IDS))

    def kept(self) -> KeptArrays:
        return arrays([*self.model.variables, *self.model.optimizer.variables, *self.model.metrics_variables])

    def predict(self, ids: np.ndarray) -> np.ndarray:
        return ops.convert_to_numpy(self.call(ids))


class KerasZLstm:
    def __init__(self, way: str, stateful: bool) -> None:
        inputs = keras.Input(batch_shape=(1, None, 1))
        self.layer = layers.LSTM(1, stateful=stateful, return_sequences=True)
        self.model = keras.Model(inputs, self.layer(inputs))
        zeros = np.zeros((1, 4), np.float32)
        self.layer.set_weights([zeros, zeros, np.array([0, 0, 20, 0], np.float32)])
        self.call = WAYS[way](self.model, 1)

    def predict(self, steps: int) -> np.ndarray:
        return ops.convert_to_numpy(self.call(np.ones((1, steps, 1), np.float32)))[0, :, 0]

    def reset(self) -> None:
        self.layer.reset_state()
