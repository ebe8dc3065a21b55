"""A text classifier that rejects texts of no known class, in Keras 3 on any backend; and words that become ids."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._unknown_expected import (
    BEYOND_COMPILED,
    BEYOND_RAISES,
    BUCKETS,
    HASHED,
    HASHED_MASKED,
    LAYER_OF_MODEL,
    LOOKED_UP,
    LOOKED_UP_MASKED,
    NEGATIVE_RAISES,
    NEGATIVE_READS,
    NOTHING_LEFT,
    NUMBER_BUCKETS,
    NUMBERS,
    RESERVED,
    ROWS,
    SWALLOWED,
    WITHOUT_MASK,
    WORD_BUCKETS,
    raises,
)
from embbench.workloads._unknown_network import ADAM, ONE_VS_REST, RATE, AdamAs, one_hot, outputs_of
from embbench.workloads._unknown_texts import COLUMNS, VOCAB
from embbench.workloads.unknown_class import start

# Seen with Keras 3.15.1; `tests/bench/keras_unknown_ids.py` shows it without embbench.
FROM_THE_END = "`keras.ops.take` reads row -1 as the last row, on every backend"
FILLED = "Keras on JAX raises no error for an id beyond the table: `jnp.take` gives nan"
CLAMPED = (
    "Keras on TensorFlow raises for an id beyond the table on a CPU, but not in a program compiled by XLA "
    "(jit_compile=True; 'auto' does not compile on a CPU), which reads the last row"
)
OUTSIDE = (
    "StringLookup and Hashing compute in TensorFlow, whatever the backend, and raise an error where it is not "
    "installed. On JAX and PyTorch they are no layers of a model of strings: use them on its inputs, before the model"
)
WORDS = list("ABCDE")
WORDS_BETWEEN = ["a", "x", "b"]


def prepare(case: Case, drawn: dict[str, np.ndarray]) -> "KerasUnknown":
    return KerasUnknown(case, drawn, set_up(case))


class KerasUnknown:
    def __init__(self, case: Case, drawn: dict[str, np.ndarray], backend: Backend) -> None:
        self.case, self.backend = case, backend
        # Keras on TensorFlow squares the gradients of each occurrence of a row before it sums them.
        self.adam = AdamAs("uncorrected", keras.backend.backend() == "tensorflow")
        table, head = layers.Embedding(VOCAB, COLUMNS), layers.Dense(outputs_of(case.reject))
        lstm = layers.LSTM(case.hidden, recurrent_initializer="zeros")  # "orthogonal" is slow; it is overwritten
        self.model = keras.Sequential([keras.Input((case.seq,), dtype="int32"), table, lstm, head])
        self.variables: dict[str, keras.Variable] = {
            "rows": table.embeddings,
            "w_input0": lstm.cell.kernel,
            "w_recurrent0": lstm.cell.recurrent_kernel,
            "bias0": lstm.cell.bias,
            "head_weight": head.kernel,
            "head_bias": head.bias,
        }
        for name, array in start(case, 1).items():
            self.variables[name].assign(_turned(name, array))
        sigmoids = case.reject == ONE_VS_REST
        losses = keras.losses
        loss = (losses.BinaryCrossentropy if sigmoids else losses.SparseCategoricalCrossentropy)(from_logits=True)
        adam = keras.optimizers.Adam(RATE, ADAM.beta1, ADAM.beta2, ADAM.epsilon)
        self.model.compile(adam, loss, jit_compile="auto")
        labels = one_hot(drawn["labels"]) if sigmoids else drawn["labels"].astype(np.int32)
        self.fitted = fitted(case, self.model, [drawn["ids"].astype(np.int32)], labels)
        self.recent: Any = ops.zeros(())

    def restart(self, weights: ByName) -> None:
        for name, variable in self.variables.items():
            self.fitted.assign(variable, _turned(name, weights[name]))
        adam = self.model.optimizer
        for variable in (adam.iterations, *adam._momentums, *adam._velocities):
            self.fitted.assign(variable, np.zeros(variable.shape))

    def step(self) -> None:
        self.recent = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.recent)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        told = {"lstm": self.fitted.kernel(training=True), "jit_compile": str(self.model.jit_compile)}
        return {**told, **self.backend.settings()}

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> ByName:
        return {name: self._value(name, variable) for name, variable in self.variables.items()}

    def moments(self) -> tuple[ByName, ByName]:
        adam, names = self.model.optimizer, {variable.path: name for name, variable in self.variables.items()}
        order = [names[variable.path] for variable in self.model.trainable_variables]
        first, second = (
            {name: self._value(name, variable) for name, variable in zip(order, kept, strict=True)}
            for kept in (adam._momentums, adam._velocities)
        )
        return first, second

    def _value(self, name: str, variable: keras.Variable) -> np.ndarray:
        return _turned(name, self.fitted.value(variable))

    def further_claims(self) -> Iterator[Claim]:
        if self.case.reject == "softmax":
            yield from _of_words()
        if self.case.reject == "extra_class":
            yield from _of_time_steps()
        if self.case.reject == ONE_VS_REST:
            yield from _of_rows()


def _turned(name: str, array: np.ndarray) -> np.ndarray:
    """Keras stores kernels transposed, but not its table."""
    return array if name == "rows" else array.T


def _listed(array: Any) -> list[float]:
    return np.ravel(ops.convert_to_numpy(array)).tolist()


def _ids(**how: Any) -> layers.StringLookup:
    return layers.StringLookup(vocabulary=["a", "b"], **how)


def _of_words() -> Iterator[Claim]:
    """The layers compute in TensorFlow on every backend."""
    numbers = layers.IntegerLookup(vocabulary=[1000, 2000], num_oov_indices=BUCKETS)
    yield check(LOOKED_UP, lambda: _listed(_ids()(WORDS_BETWEEN)))
    yield check(LOOKED_UP_MASKED, lambda: _listed(_ids(mask_token="")(["", *WORDS_BETWEEN])))
    yield check(HASHED, lambda: _listed(layers.Hashing(BUCKETS)(WORDS)))
    yield check(HASHED_MASKED, lambda: _listed(layers.Hashing(BUCKETS, mask_value="")(WORDS)))
    yield check(WORD_BUCKETS, lambda: _listed(_ids(num_oov_indices=BUCKETS)(WORDS)))
    outside = {} if keras.backend.backend() == "tensorflow" else {LAYER_OF_MODEL.name: Deviation((), OUTSIDE)}
    yield check(LAYER_OF_MODEL, _through_model, outside)
    yield check(NUMBER_BUCKETS, lambda: _listed(numbers(list(NUMBERS))))


def _through_model() -> list[float]:
    model = keras.Sequential([keras.Input((2,), dtype="string"), _ids()])
    return _listed(model(np.array([["a", "x"]])))


def _of_time_steps() -> Iterator[Claim]:
    reserved = _ids(mask_token="")
    yield check(SWALLOWED, lambda: _state(_ids(), WORDS_BETWEEN, mask=True))
    yield check(WITHOUT_MASK, lambda: _state(_ids(), WORDS_BETWEEN, mask=False))
    yield check(RESERVED, lambda: _state(reserved, WORDS_BETWEEN, mask=True))
    yield check(NOTHING_LEFT, lambda: _state(_ids(), ["x", "y", "z"], mask=True))


def _state(ids: Callable[[Any], Any], words: list[str], mask: bool) -> list[float]:
    """The last hidden state of a Z-LSTM behind a table."""
    lstm = layers.LSTM(1)
    lstm.build((None, None, 2))
    zeros = np.zeros((2, 4), np.float32), np.zeros((1, 4), np.float32)
    lstm.set_weights([*zeros, np.array([0, 0, 20, 0], np.float32)])
    return _listed(lstm(layers.Embedding(4, 2, mask_zero=mask)(ids([words]))))


def _of_rows() -> Iterator[Claim]:
    backend = keras.backend.backend()
    known = {NEGATIVE_RAISES.name: Deviation((0,), FROM_THE_END)}
    if backend == "jax":
        known |= {each.name: Deviation((0,), FILLED) for each in (BEYOND_RAISES, BEYOND_COMPILED)}
    if backend == "tensorflow":
        known[BEYOND_COMPILED.name] = Deviation((0,), CLAMPED)
    table = layers.Embedding(3, 1, weights=[np.array(ROWS, np.float32)[:, None]])

    def read(id_: int) -> list[float]:
        return _listed(table(np.array([[id_]], np.int32)))

    yield check(BEYOND_RAISES, lambda: raises(lambda: read(3)), known)
    yield check(NEGATIVE_RAISES, lambda: raises(lambda: read(-1)), known)
    yield check(NEGATIVE_READS, lambda: read(-1))
    if backend != "torch":  # compiling there takes seconds, and raises as well
        model = keras.Sequential([keras.Input((1,), dtype="int32"), table])
        model.compile("sgd", "mse", jit_compile=True)
        beyond = np.array([[3]], np.int32)
        yield check(BEYOND_COMPILED, lambda: raises(lambda: model.predict(beyond, verbose=0)), known)
