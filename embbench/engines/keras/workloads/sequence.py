"""Texts of different lengths in Keras 3, on any backend: padded, or masked by a Masking layer."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.cases.workload import CLASSES
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._sequence_claims import one_unit
from embbench.workloads._sequence_expected import EACH_LENGTH, LEARNING_RATE, RELAXED, TWO, UNKNOWN
from embbench.workloads._sequence_texts import SEVERAL, TextBatch, TextPasses
from embbench.workloads.sequence import start

CHOICES = {"lengths": ["pad", "mask", "bucket", "sorted", "dynamic"]}

# Seen with Keras 3.15.1; `tests/bench/keras_unknown_words.py` shows it without embbench.
SWALLOWED = (
    "Embedding(mask_zero=True) takes id 0 for padding wherever it is, and StringLookup without a mask_token gives id 0 "
    "to unknown words: each is skipped as padding"
)


def prepare(case: Case, drawn: ByName) -> "KerasSequence":
    return KerasSequence(case, drawn, set_up(case))


class ReadingNetwork(NamedTuple):
    """given: of the model, token vectors and, without a mask, lengths. outputs: (B, T, H), None where nothing needs
    them. last: (B, H), at the last real token.
    """

    given: list[Any]
    lstm: layers.LSTM
    outputs: Any
    last: Any


def network(kind: str, weights: ByName, time: int | None, sequences: bool) -> ReadingNetwork:
    """An LSTM in this way of handling lengths. time: positions; None for batches of several lengths. sequences: whether
    a masked LSTM gives all outputs.
    """
    width, hidden = weights["w_input0"].shape[1], weights["w_recurrent0"].shape[1]
    vectors, lengths = keras.Input((time, width)), keras.Input((), dtype="int32")
    lstm = layers.LSTM(
        hidden,
        return_sequences=kind != "mask" or sequences,
        return_state=sequences,
        recurrent_initializer="zeros",  # "orthogonal" takes seconds and is overwritten
    )
    if kind == "mask":
        found = lstm(layers.Masking(0.0)(vectors))
        made = (
            ReadingNetwork([vectors], lstm, found[0], found[1])
            if sequences
            else ReadingNetwork([vectors], lstm, None, found)
        )
    else:
        outputs = lstm(vectors)[0] if sequences else lstm(vectors)
        places = ops.reshape(lengths - 1, (-1, 1, 1))
        made = ReadingNetwork([vectors, lengths], lstm, outputs, ops.take_along_axis(outputs, places, axis=1)[:, 0])
    lstm.set_weights([weights["w_input0"].T, weights["w_recurrent0"].T, weights["bias0"]])
    return made


class CountedModel(keras.Model):
    """Calls `traced` where its step runs as Python. Where the backend compiles the step, this is while it traces."""

    traced: Callable[[], None]

    def train_step(self, *given: Any) -> Any:
        self.traced()
        return super().train_step(*given)


def make_model(case: Case) -> tuple[CountedModel, list[tuple[str, keras.Variable]]]:
    """The model, and its variables by the oracle's names."""
    first = start(case, 1)
    made = network(case.lengths, first, None if case.lengths in SEVERAL else case.seq, sequences=False)
    head = layers.Dense(CLASSES)
    model = CountedModel(as_given(made.given), head(made.last))
    head.set_weights([first["head_weight"].T, first["head_bias"]])
    cell = made.lstm.cell
    lstm = [("w_input0", cell.kernel), ("w_recurrent0", cell.recurrent_kernel), ("bias0", cell.bias)]
    return model, [*lstm, ("head_weight", head.kernel), ("head_bias", head.bias)]


def inputs_of(case: Case, batch: TextBatch) -> list[np.ndarray]:
    """What the model gets."""
    return [batch.inputs] if case.lengths == "mask" else [batch.inputs, batch.lengths.astype(np.int32)]


def read(case: Case, weights: ByName, batch: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """See `Sequencing.read`."""
    made = network(case.lengths, weights, batch[0].shape[1], sequences=True)
    model = keras.Model(as_given(made.given), [made.outputs, made.last])
    outputs, last = model(as_given(inputs_of(case, TextBatch(*batch, batch[1]))))
    return ops.convert_to_numpy(outputs), ops.convert_to_numpy(last)


def as_given(arrays: list[Any]) -> Any:
    return arrays[0] if len(arrays) == 1 else arrays


class KerasSequence:
    def __init__(self, case: Case, drawn: ByName, backend: Backend) -> None:
        self.case, self.backend = case, backend
        self.passes = TextPasses(case, drawn, self.place)
        self.model, self.named = make_model(case)
        self.compiles = keras.backend.backend() != "torch"
        self.model.traced = self.passes.traced if self.compiles else lambda: None
        self.model.compile(
            keras.optimizers.SGD(LEARNING_RATE),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile="auto",
        )
        whole = TextBatch(*(drawn[name][0, :1] for name in ("inputs", "lengths", "labels")))  # a batch of full length
        self.fitted = fitted(case, self.model, inputs_of(case, whole), whole.labels.astype(np.int32))
        self.waiting: Any = []

    def place(self, batch: TextBatch) -> tuple[Any, Any]:
        arrays = [*inputs_of(self.case, batch), batch.labels.astype(np.int32)]
        *given, labels = (ops.convert_to_tensor(np.ascontiguousarray(each)) for each in arrays)
        return as_given(given), labels

    def step(self) -> None:
        batches = self.passes.take()
        self.fitted.feed(iter(batches))
        for _ in batches:
            self.waiting = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.waiting)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        kernel = {"lstm": self.fitted.kernel(training=True), "jit_compile": str(self.model.jit_compile)}
        return {**kernel, **self.passes.facts(), **self.backend.settings()}

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> ByName:
        found = {name: self.fitted.value(variable) for name, variable in self.named}
        return {name: array.T if array.ndim == 2 else array for name, array in found.items()}

    def read(self, weights: ByName, batch: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        return read(self.case, weights, batch)

    def further_claims(self) -> Iterator[Claim]:
        traces = self.passes.first_traces
        if keras.backend.backend() == "tensorflow" and self.case.lengths in SEVERAL:
            yield check(RELAXED, lambda: [traces])
        elif self.compiles:
            yield check(EACH_LENGTH, lambda: [traces - self.passes.distinct])
        if self.case.lengths == "mask":
            yield check(UNKNOWN, after_unknown_word, {UNKNOWN.name: Deviation((TWO,), SWALLOWED)})


def after_unknown_word() -> np.ndarray:
    """The last hidden state of a text of three words, of which the second is unknown and has id 0."""
    unit = one_unit()
    width = unit["w_input0"].shape[1]
    embedding, lstm = layers.Embedding(3, width, mask_zero=True), layers.LSTM(1)
    model = keras.Sequential([keras.Input((3,), dtype="int32"), embedding, lstm])
    lstm.set_weights([unit["w_input0"].T, unit["w_recurrent0"].T, unit["bias0"]])
    return np.ravel(ops.convert_to_numpy(model(np.array([[1, 0, 2]], np.int32))))
