"""Dropout in Keras 3, on any backend: what its LSTM and Dropout layers have, and a cell of one's own for fed masks."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.cases.workload import CLASSES
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._dropout_claims import tied_share
from embbench.workloads._dropout_expected import (
    CONTROL_RATE,
    EXACT,
    GATES_BESIDE,
    HALF,
    LEARNING_RATE,
    MASK,
    SHOWN_SEED,
    SHOWN_UNITS,
    UNTIED,
    over_gates,
    rate_of,
    strength_of,
)
from embbench.workloads._dropout_probe import multipliers, probe_of
from embbench.workloads._lstm_masked import Masks
from embbench.workloads.dropout import start

CHOICES = {"dropout": ["off", "input_layer", "input", "recurrent", "recurrent_control", "output", "fed"]}

# Seen with Keras 3.15.1, in lstm.py; `tests/bench/keras_dropout_gates.py` shows it without embbench.
FOUR = (
    "an LSTM with recurrent_dropout draws a mask for each of the 4 gates, for its input (dropout=) too; without, its "
    "input has one mask for all gates. `implementation=2` had one mask for the hidden state in TF 2.1 "
    "(tensorflow#35724); with recurrent_dropout it is now replaced by 1 silently"
)


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "KerasDropout":
    return KerasDropout(case, drawn, set_up(case))


class FedCell(layers.LSTMCell):
    """Its third state is the mask of the hidden state, which stays as it is."""

    def __init__(self, units: int, **how: Any) -> None:
        super().__init__(units, **how)
        self.state_size = [units, units, units]

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        hidden, memory, mask = states
        output, new = super().call(inputs, [hidden * mask, memory], training=training)
        return output, [*new, mask]


class DroppingModel:
    """A Keras model with a kind of dropout. weights: as `_lstm.start` names them. Without a head the model's output is
    what the head would read: hidden states (B, T, H); for output the last hidden state behind dropout.
    """

    def __init__(self, kind: str, rate: float, weights: ByName, time: int, head: bool, beside: float = 0.0) -> None:
        """beside: recurrent_dropout beside the kind."""
        count = sum(name.startswith("w_input") for name in weights)
        width, hidden = weights["w_input0"].shape[1], weights["w_recurrent0"].shape[1]
        given = [keras.Input((time, width))]
        if kind == "fed":
            given += [keras.Input((width,)), keras.Input((count, hidden)), keras.Input((hidden,))]
        self.drop = layers.Dropout(rate) if kind in ("input_layer", "output") else None
        self.dropout = {
            "dropout": rate if kind == "input" else 0.0,
            "recurrent_dropout": rate if kind in ("recurrent", "recurrent_control") else beside,
        }
        vectors = given[0]
        if kind == "input_layer":
            vectors = self.drop(vectors)
        elif kind == "fed":
            vectors = vectors * ops.expand_dims(given[1], 1)
        self.lstms: list[Any] = []
        for layer in range(count):
            sequences = layer < count - 1 or not (head or kind == "output")
            vectors = self._lstm(hidden, sequences, given[2][:, layer] if kind == "fed" else None)(vectors)
        if kind == "output":
            vectors = self.drop(vectors)
        elif kind == "fed":
            vectors = vectors * given[3]
        self.head = layers.Dense(CLASSES) if head else None
        self.model = keras.Model(given if kind == "fed" else given[0], self.head(vectors) if head else vectors)
        self._load(weights)

    def _lstm(self, units: int, sequences: bool, mask: Any) -> Callable[[Any], Any]:
        """The next LSTM layer. mask: of its hidden state, for 'fed'."""
        how = {"recurrent_initializer": "zeros"}  # "orthogonal" takes seconds and is overwritten
        if mask is None:
            self.lstms.append(layers.LSTM(units, return_sequences=sequences, **self.dropout, **how))
            return self.lstms[-1]
        self.lstms.append(layers.RNN(FedCell(units, **how), return_sequences=sequences))
        return lambda vectors: self.lstms[-1](vectors, initial_state=[mask * 0, mask * 0, mask])

    def _load(self, weights: ByName) -> None:
        for layer, lstm in enumerate(self.lstms):
            w_input, w_recurrent, bias = (weights[f"{name}{layer}"] for name in ("w_input", "w_recurrent", "bias"))
            lstm.set_weights([w_input.T, w_recurrent.T, bias])
        if self.head is not None:
            self.head.set_weights([weights["head_weight"].T, weights["head_bias"]])

    def variables(self) -> Iterator[tuple[str, keras.Variable]]:
        """The oracle's name -> variable. Keras stores kernels transposed."""
        for layer, lstm in enumerate(self.lstms):
            yield f"w_input{layer}", lstm.cell.kernel
            yield f"w_recurrent{layer}", lstm.cell.recurrent_kernel
            yield f"bias{layer}", lstm.cell.bias
        if self.head is not None:
            yield "head_weight", self.head.kernel
            yield "head_bias", self.head.bias


class KerasDropout:
    def __init__(self, case: Case, drawn: dict[str, np.ndarray], backend: Backend) -> None:
        keras.utils.set_random_seed(case.seed)
        self.case, self.backend = case, backend
        self.made = DroppingModel(case.dropout, rate_of(case.dropout), start(case, 1), case.seq, head=True)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        # Keras subtracts rate · weight_decay · w before the update: for plain SGD this is the penalty's gradient
        sgd = keras.optimizers.SGD(LEARNING_RATE, weight_decay=strength_of(case.l2) or None)
        self.made.model.compile(sgd, loss, jit_compile="auto")
        inputs = [drawn["inputs"]]
        if case.dropout == "fed":  # Keras wants the samples first
            inputs += [drawn["input_masks"], drawn["recurrent_masks"].swapaxes(1, 2), drawn["output_masks"]]
        self.fitted = fitted(case, self.made.model, inputs, drawn["labels"].astype(np.int32))
        self.recent: Any = ops.zeros(())

    def step(self) -> None:
        self.recent = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.recent)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        kept = ops.convert_to_numpy(keras.random.dropout(ops.ones(SHOWN_UNITS), HALF, seed=SHOWN_SEED)) > 0
        told = {
            "lstm": self.fitted.kernel(training=True),
            "lstm in predictions": self.fitted.kernel(training=False),
            "jit_compile": str(self.made.model.jit_compile),
            MASK: "".join(str(int(each)) for each in kept),
        }
        return {**told, **self.backend.settings()}

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> ByName:
        found = {name: self.fitted.value(variable) for name, variable in self.made.variables()}
        return {name: array.T if array.ndim == 2 else array for name, array in found.items()}

    def next_masks(self) -> Masks:
        """Drawn as Keras draws them: by layer, for its input and then for its hidden state, with recurrent_dropout for
        each gate.
        """
        case, kind, made = self.case, self.case.dropout, self.made
        inputs: list[np.ndarray | None] = [None] * case.layers
        recurrent, output = list(inputs), None
        width = made.lstms[0].cell.kernel.shape[0]
        with _forked():
            if kind == "input_layer":
                inputs[0] = self._draw(made.drop, 1, (case.batch, case.seq, width))
            for layer, lstm in enumerate(made.lstms):
                if kind == "input":
                    columns = lstm.cell.kernel.shape[0]
                    inputs[layer] = self._draw(lstm.cell, 1, (case.batch, columns))[:, :, None]
                if kind in ("recurrent", "recurrent_control"):
                    recurrent[layer] = self._draw(lstm.cell, 4, (case.batch, case.hidden))
            if kind == "output":
                output = self._draw(made.drop, 1, (case.batch, case.hidden))[0]
        return Masks(tuple(inputs), tuple(recurrent), output)

    def _draw(self, layer: Any, count: int, shape: tuple[int, ...]) -> np.ndarray:
        """(count, *shape) in float64, by a copy of the layer's random state."""
        own, rate = layer.seed_generator, rate_of(self.case.dropout)
        copy = keras.random.SeedGenerator(0)
        copy.state.assign(self.fitted.value(own.state))
        copy._initial_seed = own._initial_seed  # without a seed, Keras on PyTorch draws from PyTorch's state
        masks = [keras.random.dropout(ops.ones(shape), rate, seed=copy) for _ in range(count)]
        return (np.stack([ops.convert_to_numpy(each) for each in masks]) > 0) / (1 - rate)

    def probe(self, weights: ByName, rate: float) -> Callable[[np.ndarray, bool], np.ndarray]:
        return _probe(self.case.dropout, weights, rate)

    def known(self) -> dict[str, Deviation]:
        return {each.name: Deviation((UNTIED,), FOUR) for each in (over_gates("recurrent"), GATES_BESIDE)}

    def further_claims(self) -> Iterator[Claim]:
        if self.case.dropout == "input":
            made = probe_of("input")
            outputs = _probe("input", made.weights, HALF, CONTROL_RATE)(made.inputs, True)
            tied = tied_share(multipliers("input", outputs) > EXACT)
            yield check(GATES_BESIDE, lambda: [tied], self.known())


def _probe(kind: str, weights: ByName, rate: float, beside: float = 0.0) -> Callable[[np.ndarray, bool], np.ndarray]:
    keras.utils.set_random_seed(0)
    model: keras.Model | None = None

    def run(inputs: np.ndarray, training: bool) -> np.ndarray:
        nonlocal model
        if model is None:
            model = DroppingModel(kind, rate, weights, inputs.shape[1], head=False, beside=beside).model
        return ops.convert_to_numpy(model(inputs, training=training))

    return run


def _forked() -> AbstractContextManager[Any]:
    """Keeps PyTorch's random state."""
    if keras.backend.backend() != "torch":
        return nullcontext()
    import torch

    return torch.random.fork_rng()
