"""The claims of the workload `sequence`: steps against NumPy's, and what an LSTM gives for padded texts."""

from collections.abc import Iterator, Mapping

import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, check
from embbench.workloads import ByName, _lstm
from embbench.workloads._sequence_expected import (
    CHECKED,
    ENDS,
    LEARNING_RATE,
    LOSSES,
    NOT_ANEW,
    ONE_NETWORK,
    PADDING,
    SIZE,
    WEIGHTS,
    Sequencing,
    past_end,
)
from embbench.workloads._sequence_texts import (
    COLUMNS,
    SEVERAL,
    TO_LONGEST,
    TextBatch,
    batches_of,
    expected_padding,
    padding_read,
)

CLEARLY = 10  # times closer to the loss of shared weights than to the loss without the updates before


def loss_and_gradients(weights: ByName, batch: TextBatch) -> tuple[float, ByName]:
    """The mean cross-entropy of the last real hidden states, and its gradients by name of `weights`.

    What an LSTM reads past a text's end changes nothing before it. So a mask, which carries the state over padding,
    gives the same loss and gradients as a plain LSTM whose head reads the last real position.
    """
    outputs, tape = _lstm._lstm_forward(weights, 0, batch.inputs.astype(np.float64))
    texts, last = np.arange(len(batch.lengths)), batch.lengths - 1
    read = outputs[texts, last]
    loss, flow = _lstm.cross_entropy(read @ weights["head_weight"].T + weights["head_bias"], batch.labels)
    gradients: ByName = {"head_weight": flow.T @ read, "head_bias": flow.sum(0)}
    back = np.zeros_like(outputs)
    back[texts, last] = flow @ weights["head_weight"]
    _lstm._lstm_backward(weights, 0, tape, back, gradients)
    return loss, gradients


def updated(weights: ByName, gradients: ByName) -> ByName:
    return {name: array - LEARNING_RATE * gradients[name] for name, array in weights.items()}


def of_steps(case: Case, drawn: ByName, trial: Sequencing, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights."""
    before = weights = {name: np.asarray(array, np.float64) for name, array in trial.weights().items()}
    apart, shared = [], []
    for step in range(steps, steps + CHECKED):
        trial.step()
        *first, last = batches_of(drawn, step)
        alone = loss_and_gradients(weights, last)[0]
        for batch in first:
            weights = updated(weights, loss_and_gradients(weights, batch)[1])
        loss, gradients = loss_and_gradients(weights, last)
        weights = updated(weights, gradients)
        apart.append(abs(trial.loss() - loss))
        shared.append(CLEARLY * apart[-1] < abs(trial.loss() - alone))
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(WEIGHTS, lambda: [_apart(trial.weights(), weights) / _apart(before, weights)])
    yield check(NOT_ANEW, lambda: [trial.passes.later_traces])
    if case.lengths in SEVERAL:
        yield check(ONE_NETWORK, lambda: [np.mean(shared)])


def _apart(one: Mapping[str, np.ndarray], other: ByName) -> float:
    """The largest difference of two sets of weights."""
    return float(np.max([np.abs(np.asarray(one[name], np.float64) - other[name]).max() for name in other]))


def of_texts(case: Case, drawn: ByName) -> Iterator[Claim]:
    if case.lengths not in TO_LONGEST:  # their longest text is a maximum of random numbers
        yield check(PADDING, lambda: [padding_read(case, drawn) - expected_padding(case)])


def of_network(case: Case, trial: Sequencing) -> Iterator[Claim]:
    held, hidden = trial.weights(), case.hidden
    size = sum(held[name].size for name in ("w_input0", "w_recurrent0", "bias0"))
    yield check(SIZE, lambda: [size - 4 * (hidden * (COLUMNS + hidden) + hidden)])
    inputs = np.ones((2, 3, COLUMNS), np.float32)
    inputs[0, 2] = 0
    outputs, last = trial.read(one_unit(), (inputs, np.array([2, 3])))
    yield check(ENDS, lambda: np.ravel(last))
    yield check(past_end(case.lengths), lambda: np.ravel(outputs[0]))


def one_unit() -> ByName:
    """Weights whose hidden states are those of `hidden_states`."""
    zeros = {"w_input0": np.zeros((4, COLUMNS)), "w_recurrent0": np.zeros((4, 1))}
    return {**zeros, "bias0": np.array([0.0, 0, 20, 0])}
