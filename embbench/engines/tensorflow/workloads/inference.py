"""Predictions in TensorFlow, eager or in a tf.function. The layers are Keras's."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.cases.streams import Tokens
from embbench.engines.keras.trial import initial_table, make_network
from embbench.engines.keras.workloads import inference as with_keras
from embbench.engines.keras.workloads._device import arrays
from embbench.engines.tensorflow.device import memory, set_up, settings, sync
from embbench.workloads.inference import TRAINED_UNCHANGED, KeptArrays, Regularized

CHOICES = {"way": ["call", "compiled"]}

# Way -> the call of a function.
WAYS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "call": lambda function: function,
    "compiled": lambda function: tf.function(function, autograph=False),
}


def prepare(case: Case, tokens: Tokens) -> "TensorFlowInference":
    set_up(case)
    return TensorFlowInference(case, tokens)


class TensorFlowInference:
    def __init__(self, case: Case, tokens: Tokens) -> None:
        self.case = case
        self.table = tf.Variable(initial_table(case.seed, (case.vocab, case.dim), case.dtype), trainable=False)
        vectors = keras.Input((case.seq, case.dim))
        self.network = make_network(case, vectors, vectors)
        self.predict = WAYS[case.way](self.scores_of)
        whole = len(tokens.ids) // case.per_call * case.per_call
        self.ids = [tf.constant(ids) for ids in tokens.ids[:whole].astype(case.ids, copy=False)]
        self.batches, self.last = 0, tf.zeros(0)

    def scores_of(self, ids: tf.Tensor) -> tf.Tensor:
        """(B, C)"""
        return self.network(tf.nn.embedding_lookup(self.table, ids), training=False)

    def step(self) -> None:
        for _ in range(self.case.per_call):
            self.last = self.predict(self.ids[self.batches % len(self.ids)])
            self.batches += 1

    def sync(self) -> None:
        sync()

    def memory(self) -> dict[str, int]:
        return memory(self.case)

    def describe(self) -> dict[str, Any]:
        return settings()

    def kept(self) -> KeptArrays:
        return [("table", self.table.read_value().numpy()), *arrays(self.network.variables)]

    def scores(self) -> np.ndarray:
        return self.last.numpy()

    def regularized(self) -> Regularized:
        model = with_keras.trained_model()
        predictor = TensorFlowPredictor(model, WAYS[self.case.way])
        return Regularized(predictor, with_keras.SMALL_IDS, with_keras.named(model), with_keras.EPSILON)

    def cell(self, stateful: bool) -> "TensorFlowZLstm":
        return TensorFlowZLstm(WAYS[self.case.way], stateful)

    def known(self) -> dict[str, Deviation]:
        return {TRAINED_UNCHANGED.name: Deviation((1,), with_keras.SEED_MOVES)}

    def further_claims(self) -> list[Claim]:
        return []


class TensorFlowPredictor(with_keras.KerasPredictor):
    def __init__(self, model: keras.Model, way: Callable[..., Any]) -> None:
        self.model, self.call = model, way(lambda ids: model(ids, training=False))


class TensorFlowZLstm:
    """A stateful model passes the state on itself."""

    def __init__(self, way: Callable[..., Any], stateful: bool) -> None:
        layer = keras.layers.LSTM(1, return_sequences=True, return_state=True)
        layer.build((1, None, 1))
        zeros = np.zeros((1, 4), np.float32)
        layer.set_weights([zeros, zeros, np.array([0, 0, 20, 0], np.float32)])
        self.call, self.stateful = way(lambda inputs, state: layer(inputs, initial_state=state)), stateful
        self.reset()

    def predict(self, steps: int) -> np.ndarray:
        outputs, *state = self.call(tf.ones((1, steps, 1)), self.state)
        self.state = state if self.stateful else self.zeros
        return outputs.numpy()[0, :, 0]

    def reset(self) -> None:
        self.zeros = [tf.zeros((1, 1)), tf.zeros((1, 1))]
        self.state = self.zeros
