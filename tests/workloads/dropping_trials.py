"""Trials with dropout by NumPy: a right trial, and trials that lie."""

import numpy as np

from embbench.cases.case import make_case
from embbench.workloads._dropout_expected import (
    LEARNING_RATE,
    PLACES,
    strength_of,
)
from embbench.workloads._lstm_masked import Masks, loss_and_gradients
from embbench.workloads.dropout import start

STEPS = 5


def case_of(kind, **axes):
    return make_case({**axes, "workload": "dropout", "dropout": kind, "layers": 2, "batch": 6, "seq": 4, "hidden": 5})


class Honest:
    """The right steps in NumPy. `factors` draws masks; lies override it."""

    gates = 1

    def __init__(self, case, drawn):
        self.case, self.drawn, self.made = case, drawn, 0
        self.held = start(case, 1)
        self.rng = np.random.default_rng(0)

    def factors(self, rate, *shape):
        return (self.rng.random(shape) >= rate) / (1 - rate)

    def over_time(self, time):
        return time if self.case.dropout in ("input_layer", "between_layers") else 1

    def masks(self, rate, weights, batch, time):
        layers = sum(name.startswith("w_input") for name in weights)
        width, hidden = weights["w_input0"].shape[1], weights["w_recurrent0"].shape[1]
        inputs, recurrent, output = [None] * layers, [None] * layers, None
        place = PLACES.get(self.case.dropout)
        if place == "input":
            inputs[0] = self.factors(rate, self.gates, batch, self.over_time(time), width)
        if place == "between":
            inputs[1:] = [self.factors(rate, self.gates, batch, self.over_time(time), hidden)] * (layers - 1)
        if place == "recurrent":
            recurrent = [self.factors(rate, self.gates, batch, hidden) for _ in range(layers)]
        if place == "output":
            output = self.factors(rate, batch, hidden)
        return Masks(tuple(inputs), tuple(recurrent), output)

    def next_masks(self):
        state = self.rng.bit_generator.state
        masks = self.masks(self.rate, self.held, self.case.batch, self.case.seq)
        self.rng.bit_generator.state = state
        return masks

    @property
    def rate(self):
        return 1e-9 if self.case.dropout == "recurrent_control" else 0.25

    def step(self):
        batch = self.made % len(self.drawn["labels"])
        self.made += 1
        if self.case.dropout == "fed":
            first, loops, output = (self.drawn[f"{name}_masks"][batch] for name in ("input", "recurrent", "output"))
            masks = Masks((first[None, :, None], None), tuple(each[None] for each in loops), output)
        else:
            masks = self.masks(self.rate, self.held, self.case.batch, self.case.seq)
        self.learn(batch, masks)

    def learn(self, batch, masks):
        inputs, labels = self.drawn["inputs"][batch], self.drawn["labels"][batch]
        self.last, by_name = loss_and_gradients(self.held, inputs, labels, masks)
        strength = self.strength()
        self.held = {name: w - LEARNING_RATE * (by_name[name] + strength * w) for name, w in self.held.items()}

    def strength(self):
        return strength_of(self.case.l2)

    def loss(self):
        return self.last

    def weights(self):
        return self.held

    def probe(self, weights, rate):
        def run(inputs, training):
            masks = self.masks(rate if training else 0.0, weights, *inputs.shape[:2])
            return by_loop(weights, inputs, masks)

        return run

    def known(self):
        return {}

    def further_claims(self):
        return []


def by_loop(weights, inputs, masks):
    """Hidden states of the last layer, or its last hidden state behind dropout of the output."""
    for layer, (first, loop) in enumerate(zip(masks.inputs, masks.recurrent, strict=True)):
        kernel, kernel_of_state = by_gate(weights[f"w_input{layer}"]), by_gate(weights[f"w_recurrent{layer}"])
        bias = by_gate(weights[f"bias{layer}"])
        hidden = cell = np.zeros((len(inputs), bias.shape[1]))
        states = []
        for t in range(inputs.shape[1]):
            pre = []
            for gate in range(4):
                read, state = inputs[:, t], hidden
                if first is not None:
                    read = read * first[gate % len(first), :, t % first.shape[2]]
                if loop is not None:
                    state = state * loop[gate % len(loop)]
                pre.append(read @ kernel[gate].T + state @ kernel_of_state[gate].T + bias[gate])
            i, f, c, o = pre
            cell = cell / (1 + np.exp(-f)) + np.tanh(c) / (1 + np.exp(-i))
            hidden = np.tanh(cell) / (1 + np.exp(-o))
            states.append(hidden)
        inputs = np.stack(states, 1)
    return inputs if masks.output is None else inputs[:, -1] * masks.output


def by_gate(joined):
    return joined.reshape(4, -1, *joined.shape[1:])


class NeverDrops(Honest):
    """Shows masks that its steps do not use."""

    def learn(self, batch, masks):
        super().learn(batch, Masks((None, None), (None, None)))


class NeverLearns(Honest):
    def learn(self, batch, masks):
        held = self.held
        super().learn(batch, masks)
        self.held = held


class Repeats(Honest):
    """Trains on the first batch again and again."""

    def learn(self, batch, masks):
        super().learn(0, masks)


class KeepsAtRate(Honest):
    """Takes the rate for a probability of keeping, as wrappers of TensorFlow 1 do."""

    def factors(self, rate, *shape):
        return super().factors(1 - rate, *shape) if rate else super().factors(0.0, *shape)


class Unscaled(Honest):
    def factors(self, rate, *shape):
        return (super().factors(rate, *shape) > 0) * 1.0


class SameMask(Honest):
    """Draws the same mask for every batch."""

    def factors(self, rate, *shape):
        return (np.random.default_rng(7).random(shape) >= rate) / (1 - rate)


class PerStep(Honest):
    def over_time(self, time):
        return time


class Variational(Honest):
    def over_time(self, time):
        return 1


class PerGate(Honest):
    gates = 4


class DropsInPredictions(Honest):
    def probe(self, weights, rate):
        run = super().probe(weights, rate)
        return lambda inputs, training: run(inputs, True)
