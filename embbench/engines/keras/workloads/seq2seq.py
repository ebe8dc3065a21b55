"""An encoder and a decoder with teacher forcing in Keras 3, on any backend: `return_state` and `initial_state`."""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.workload import CLASSES
from embbench.engines.keras.workloads._device import Backend, set_up
from embbench.engines.keras.workloads._fitted import fitted
from embbench.workloads import ByName
from embbench.workloads._seq2seq_claims import LEARNING_RATE, start


def prepare(case: Case, drawn: ByName) -> "KerasTranslation":
    return KerasTranslation(case, drawn, set_up(case))


class TranslatingModel:
    """model: from source and what the decoder reads to scores; without a head to the decoder's outputs."""

    def __init__(self, weights: ByName, time: int, head: bool) -> None:
        hidden = weights["w_recurrent0"].shape[1]
        source, fed = (keras.Input((time, weights[f"w_input{part}"].shape[1])) for part in range(2))
        how = {"recurrent_initializer": "zeros"}  # "orthogonal" takes seconds and is overwritten
        encoder = layers.LSTM(hidden, return_state=True, **how)
        decoder = layers.LSTM(hidden, return_sequences=True, **how)
        outputs = decoder(fed, initial_state=encoder(source)[1:])
        self.lstms, self.head = [encoder, decoder], layers.Dense(CLASSES) if head else None
        self.model = keras.Model([source, fed], self.head(outputs) if self.head else outputs)
        for part, lstm in enumerate(self.lstms):
            w_input, w_recurrent, bias = (weights[f"{name}{part}"] for name in ("w_input", "w_recurrent", "bias"))
            lstm.set_weights([w_input.T, w_recurrent.T, bias])
        if self.head:
            self.head.set_weights([weights["head_weight"].T, weights["head_bias"]])

    def variables(self) -> list[tuple[str, keras.Variable]]:
        """The oracle's name -> variable. Keras stores kernels transposed."""
        assert self.head is not None
        found: list[tuple[str, Any]] = []
        for part, lstm in enumerate(self.lstms):
            cell = lstm.cell
            found += [(f"w_input{part}", cell.kernel), (f"w_recurrent{part}", cell.recurrent_kernel)]
            found.append((f"bias{part}", cell.bias))
        return [*found, ("head_weight", self.head.kernel), ("head_bias", self.head.bias)]


class KerasTranslation:
    def __init__(self, case: Case, drawn: ByName, backend: Backend) -> None:
        self.backend = backend
        self.made = TranslatingModel(start(case), case.seq, head=True)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.made.model.compile(keras.optimizers.SGD(LEARNING_RATE), loss, jit_compile="auto")
        self.fitted = fitted(case, self.made.model, [drawn["source"], drawn["fed"]], drawn["labels"].astype(np.int32))
        self.waiting: Any = []

    def step(self) -> None:
        self.waiting = self.fitted.step()

    def sync(self) -> None:
        self.backend.sync(self.waiting)

    def memory(self) -> dict[str, int]:
        return self.backend.memory()

    def describe(self) -> dict[str, Any]:
        return {"jit_compile": str(self.made.model.jit_compile), **self.backend.settings()}

    def loss(self) -> float:
        return float(self.fitted.value(self.fitted.last))

    def weights(self) -> ByName:
        found = {name: self.fitted.value(variable) for name, variable in self.made.variables()}
        return {name: array.T if array.ndim == 2 else array for name, array in found.items()}

    def decode(self, weights: ByName, source: np.ndarray, fed: np.ndarray) -> np.ndarray:
        return ops.convert_to_numpy(TranslatingModel(weights, source.shape[1], head=False).model([source, fed]))

    def further_claims(self) -> list[Claim]:
        return []
