"""Shared by the Keras 3 contenders: the model of Keras's own layers, its optimizer, and the pace of `fit`.

A contender declares KERAS_BACKEND in its `environment`, because Keras reads it only on import.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.capabilities import Inside
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.cases.workload import CLASSES, HYPERPARAMETERS, TABLE_TILE, dense_weights, hybrid_shape, initial_tile
from embbench.engines.keras.inside import inside_of


def initial_table(seed: int, shape: tuple[int, int], dtype: str) -> Any:
    """An initializer with its seed. The gather makes no further array of the table's size; Keras's "uniform" makes up
    to three.
    """
    tile = ops.convert_to_tensor(initial_tile(seed, *shape), dtype=dtype)
    return ops.take(tile, ops.arange(shape[0], dtype="int32") % TABLE_TILE, axis=0)


def make_model(case: Case, jit_compile: bool | str, use_cudnn: bool | str = "auto") -> keras.Model:
    """A compiled model with the case's weights. keras.Sequential was rejected: a hybrid table is two layers."""
    ids = keras.Input((case.seq,), dtype="int32")
    model = make_network(case, ids, _look_up(case, ids), use_cudnn)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(make_optimizer(case), loss, jit_compile=jit_compile)
    # `fit` does the same before its first step: it builds the loss and the optimizer's state.
    model._symbolic_build(data_batch=(np.zeros((1, case.seq), np.int32), np.zeros(1, np.int32)))
    return model


def make_network(
    case: Case, inputs: keras.KerasTensor, vectors: keras.KerasTensor, use_cudnn: bool | str = "auto"
) -> keras.Model:
    """The model from `inputs` to scores, with the case's weights. vectors: the rows looked up."""
    how = {"use_cudnn": use_cudnn, "recurrent_initializer": "zeros"}  # "orthogonal" takes seconds and is overwritten
    for layer in range(case.layers):
        last = layer == case.layers - 1
        vectors = layers.LSTM(case.hidden, return_sequences=not last, name=f"lstm{layer}", **how)(vectors)
    model = keras.Model(inputs, layers.Dense(CLASSES, name="head")(vectors))
    _load_weights(case, model)
    return model


def make_optimizer(case: Case) -> keras.optimizers.Optimizer:
    told = HYPERPARAMETERS[case.optimizer]
    if case.optimizer in ("sgd", "momentum"):
        return keras.optimizers.SGD(told.rate, momentum=told.momentum)
    if case.optimizer == "adagrad":
        return keras.optimizers.Adagrad(told.rate, initial_accumulator_value=0.0, epsilon=told.epsilon)
    moments = {"beta_1": told.beta1, "beta_2": told.beta2, "epsilon": told.epsilon}
    if case.optimizer == "adamw":
        return keras.optimizers.AdamW(told.rate, weight_decay=told.decay, **moments)
    return keras.optimizers.Adam(told.rate, **moments)


def _look_up(case: Case, ids: keras.KerasTensor) -> keras.KerasTensor:
    if case.table == "onehot":
        words = ops.one_hot(ids, case.vocab)
        return layers.Dense(case.dim, use_bias=False, kernel_initializer=_initializer(case), name="table")(words)
    if case.table != "hybrid":
        return _embedding(case, case.vocab, case.dim, "table", trainable=case.table == "trainable")(ids)
    rows, columns = hybrid_shape(case)
    frozen = _embedding(case, case.vocab, case.dim - columns, "table", trainable=False)(ids)
    small = _embedding(case, rows, columns, "small", trainable=True)(ops.minimum(ids, rows - 1))
    return layers.Concatenate()([frozen, small])


def _embedding(case: Case, rows: int, columns: int, name: str, trainable: bool) -> layers.Embedding:
    initializer = _initializer(case)
    return layers.Embedding(rows, columns, embeddings_initializer=initializer, trainable=trainable, name=name)


def _initializer(case: Case) -> Callable[..., Any]:
    return partial(initial_table, case.seed)


def _load_weights(case: Case, model: keras.Model) -> None:
    """Keras stores kernels transposed, (inputs, outputs), and gates in the order i, f, c, o."""
    weights = dense_weights(case)
    for layer, (w_input, w_recurrent, bias) in enumerate(weights.layers):
        model.get_layer(f"lstm{layer}").set_weights([w_input.T, w_recurrent.T, bias])
    model.get_layer("head").set_weights([weights.head_weight.T, weights.head_bias])


class LossMetric(keras.metrics.Mean):
    """Keras's metric of the loss, the mean since the epoch began, and the last loss: one more scalar per step.

    Computing the last loss from two means was rejected: in float32 it is off by up to 1e-5, and by more for a small
    loss among larger losses, and two batches may seem to have the same loss.
    """

    def __init__(self) -> None:
        super().__init__(name="loss")
        self.last = self.add_variable((), "zeros", name="last")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        self.last.assign(values)
        super().update_state(values, sample_weight)


class KerasTrial(ABC):
    """A model and its steps, as `fit` makes them without callbacks. An epoch is a pass over the staged batches.
    Subclasses know where a backend keeps its arrays.
    """

    def __init__(self, case: Case, tokens: Tokens, jit_compile: bool | str, use_cudnn: bool | str = "auto") -> None:
        self.case = case
        self.model = make_model(case, jit_compile, use_cudnn)
        self.tracker = LossMetric()
        object.__setattr__(self.model, "_loss_tracker", self.tracker)  # the model's own setter would count it twice
        self.model.make_train_function()
        self.epoch = len(tokens.ids)
        self.steps = 0
        self.logs: dict[str, Any] = {}

    def step(self) -> None:
        if self.steps % self.epoch == 0:
            self.begin_epoch()
        self.steps += 1
        self.logs = self.train()

    def begin_epoch(self) -> None:
        """What `fit` does between two epochs."""
        self.model.reset_metrics()

    @abstractmethod
    def train(self) -> dict[str, Any]:
        """Calls the model's train function on the next batch, as `fit` does. Returns its logs."""

    def value_of(self, variable: keras.Variable) -> Any:
        """The current array of a variable of the model, of the backend's type."""
        return variable.value

    @abstractmethod
    def copy_of(self, variable: keras.Variable) -> np.ndarray:
        """A copy of a variable of the model or of its optimizer."""

    @abstractmethod
    def rows_of(self, variable: keras.Variable, rows: np.ndarray) -> np.ndarray:
        """A copy of the rows, without copying other rows."""

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return np.concatenate([self.rows_of(table, rows) for table, rows, _ in self.tables_of(ids)], axis=1)

    def inspect(self, ids: np.ndarray) -> Inside:
        table, rows, _ = self.tables_of(ids)[-1]  # in a hybrid table the small part trains
        trains = table if self.case.table != "frozen" else None
        return inside_of(self.case, self.model, trains, self.copy_of, lambda state: self.rows_of(state, rows))

    def loss(self) -> float:
        assert self.steps, "no step yet"
        return float(ops.convert_to_numpy(self.value_of(self.tracker.last)))

    def own_settings(self) -> dict[str, str]:
        """Facts from Keras, for any backend."""
        optimizer = type(self.model.optimizer)
        name = f"{optimizer.__module__}.{optimizer.__name__}".removeprefix("keras.src.")
        return {"optimizer": name, "jit_compile": str(self.model.jit_compile), "ids": "int32"}

    def halves(self) -> tuple[keras.Model, keras.Model]:
        """(model from ids to the LSTM's input rows, model from these rows to scores)."""
        rows = self.model.get_layer("lstm0").input
        return keras.Model(self.model.input, rows), keras.Model(rows, self.model.output)

    def tables_of(
        self, ids: np.ndarray, values: np.ndarray | None = None
    ) -> list[tuple[keras.Variable, np.ndarray, np.ndarray | None]]:
        """For rows of the whole table: (variable with some of the columns, its rows, their values). The values are None
        unless given.
        """
        table = self.model.get_layer("table").weights[0]
        if self.case.table != "hybrid":
            return [(table, ids, values)]
        rows, columns = hybrid_shape(self.case)
        large, small = (None, None) if values is None else (values[:, :-columns], values[:, -columns:])
        return [(table, ids, large), (self.model.get_layer("small").weights[0], np.minimum(ids, rows - 1), small)]
