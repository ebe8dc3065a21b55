"""Trials with texts of different lengths by NumPy: a right trial, and trials that lie."""

import numpy as np

from embbench.cases.case import make_case
from embbench.workloads._sequence_claims import loss_and_gradients, updated
from embbench.workloads._sequence_texts import TextPasses
from embbench.workloads.sequence import start

STEPS = 5


def case_of(kind, **axes):
    return make_case({"workload": "sequence", "lengths": kind, "batch": 6, "seq": 8, "hidden": 5, **axes})


class RightReader:
    """The right steps in NumPy. Lies override a method."""

    def __init__(self, case, drawn):
        self.case = case
        self.passes = TextPasses(case, drawn, lambda batch: batch)
        self.held = start(case, 1)

    def step(self):
        for batch in self.passes.take():
            self.learn(batch)

    def learn(self, batch):
        self.last, gradients = loss_and_gradients(self.held, batch)
        self.held = updated(self.held, gradients)

    def loss(self):
        return self.last

    def weights(self):
        return self.held

    def read(self, weights, batch):
        return by_loop(weights, *batch, self.case.lengths)

    def further_claims(self):
        return []


def by_loop(weights, inputs, lengths, kind):
    """(outputs (B, T, H), last (B, H)), text by text. A masked step keeps the state; a packed text ends."""
    outputs = []
    for text, length in zip(inputs, lengths, strict=True):
        hidden = cell = np.zeros(weights["w_recurrent0"].shape[1])
        states = []
        for place, vector in enumerate(text):
            pre = weights["w_input0"] @ vector + weights["w_recurrent0"] @ hidden + weights["bias0"]
            i, f, g, o = pre.reshape(4, -1)
            if kind not in ("mask", "pack") or place < length:
                cell = cell / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
                hidden = np.tanh(cell) / (1 + np.exp(-o))
            states.append(hidden * (kind != "pack" or place < length))
        outputs.append(states)
    outputs = np.array(outputs)
    return outputs, outputs[np.arange(len(lengths)), np.asarray(lengths) - 1]


class ReadsPaddedEnd(RightReader):
    """Its head reads the last position, padding or not."""

    def learn(self, batch):
        super().learn(batch._replace(lengths=np.full_like(batch.lengths, batch.inputs.shape[1])))

    def read(self, weights, batch):
        outputs, _ = super().read(weights, batch)
        return outputs, outputs[:, -1]


class StaysWhole(RightReader):
    """Reads padding past a text's end although its way promises a mask."""

    def read(self, weights, batch):
        return by_loop(weights, *batch, "pad")


class NetworkPerLength(RightReader):
    """Has weights of its own for each length of batches, and shows those of the last batch."""

    def learn(self, batch):
        self.own = getattr(self, "own", {})
        self.held = self.own.get(batch.inputs.shape[1], start(self.case, 1))
        super().learn(batch)
        self.own[batch.inputs.shape[1]] = self.held


class TracesAgain(RightReader):
    def learn(self, batch):
        self.passes.traced()
        super().learn(batch)


class LeavesOut(RightReader):
    """Trains on the longest batch of a step only."""

    def step(self):
        self.learn(max(self.passes.take(), key=lambda batch: batch.inputs.shape[1]))
