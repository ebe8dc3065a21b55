"""Encoder and decoder by NumPy, and the claims about steps with teacher forcing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Expected, check
from embbench.cases.workload import CLASSES, HYPERPARAMETERS
from embbench.workloads import ByName, _lstm
from embbench.workloads._sequence_expected import EXACT, hidden_states

COLUMNS = 8  # of a source token's vector
ENCODER, DECODER = 0, 1  # as layers in the names of arrays
LEARNING_RATE = HYPERPARAMETERS["sgd"].rate
CHECKED = 3  # steps that NumPy repeats
LOSSES = Expected(f"losses of {CHECKED} steps with teacher forcing: difference from NumPy's", [0], 2e-5, proof=True)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps with teacher forcing: difference from NumPy's, as a share of their movement",
    [0],
    5e-3,
    proof=True,
)
GOES_ON = Expected(
    "outputs of 2 steps of a decoder that goes on from the state of 2 steps of an encoder",
    hidden_states(4)[2:],
    EXACT,
)


class Translating(Protocol):
    """The trial of an engine."""

    def step(self) -> None:
        """Trains on the next batch, in a cycle."""

    def loss(self) -> float:
        """Of the last step, before its update."""
        ...

    def weights(self) -> Mapping[str, np.ndarray]:
        """As `start` names them, and second biases where a framework has two."""
        ...

    def decode(self, weights: ByName, source: np.ndarray, fed: np.ndarray) -> np.ndarray:
        """(B, T, H): the outputs of a decoder with these weights."""
        ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...


def start(case: Case) -> ByName:
    """The initial weights by name, float64: w_input (4H, columns), w_recurrent (4H, H) and bias (4H,), with 0 for the
    encoder and 1 for the decoder; head_weight (CLASSES, H), head_bias (CLASSES,).
    """
    rng, hidden = np.random.default_rng([case.seed, 12]), case.hidden
    bound = hidden**-0.5
    weights: ByName = {}
    for part, columns in ((ENCODER, COLUMNS), (DECODER, CLASSES)):
        weights[f"w_input{part}"] = rng.uniform(-bound, bound, (4 * hidden, columns))
        weights[f"w_recurrent{part}"] = rng.uniform(-bound, bound, (4 * hidden, hidden))
        weights[f"bias{part}"] = np.repeat([0.0, 1.0, 0.0, 0.0], hidden)
    return weights | {"head_weight": rng.uniform(-bound, bound, (CLASSES, hidden)), "head_bias": np.zeros(CLASSES)}


def loss_and_gradients(
    weights: ByName, source: np.ndarray, fed: np.ndarray, labels: np.ndarray
) -> tuple[float, ByName]:
    """The mean cross-entropy of all target tokens, and its gradients by name. source: (B, T, COLUMNS). fed: (B, T,
    CLASSES), what the decoder reads. labels: (B, T).
    """
    _, encoded = _lstm._lstm_forward(weights, ENCODER, source)
    state = encoded["hidden"][:, -1], encoded["cells"][:, -1]
    outputs, decoded = _lstm._lstm_forward(weights, DECODER, fed, state)
    loss, flow = _lstm.cross_entropy(outputs @ weights["head_weight"].T + weights["head_bias"], labels)
    gradients: ByName = {"head_weight": np.tensordot(flow, outputs, ([0, 1], [0, 1])), "head_bias": flow.sum((0, 1))}
    _lstm._lstm_backward(weights, DECODER, decoded, flow @ weights["head_weight"], gradients)
    nothing = np.zeros((*source.shape[:2], outputs.shape[2]))  # nobody reads the encoder's outputs
    _lstm._lstm_backward(weights, ENCODER, encoded, nothing, gradients, decoded["begin"])
    return loss, gradients


def of_translation(drawn: ByName, trial: Translating, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights."""
    before = weights = {name: np.asarray(array, np.float64) for name, array in trial.weights().items()}
    apart = []
    for step in range(steps, steps + CHECKED):
        trial.step()
        place = step % len(drawn["labels"])
        source, fed = (drawn[name][place].astype(np.float64) for name in ("source", "fed"))
        loss, gradients = loss_and_gradients(weights, source, fed, drawn["labels"][place])
        weights = {name: array - LEARNING_RATE * gradients[name] for name, array in weights.items()}
        apart.append(abs(trial.loss() - loss))
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(WEIGHTS, lambda: [_farthest(trial.weights(), weights) / _farthest(before, weights)])
    source, fed = (np.ones((1, 2, columns), np.float32) for columns in (COLUMNS, CLASSES))
    yield check(GOES_ON, lambda: np.ravel(trial.decode(one_unit_each(), source, fed)))


def _farthest(one: Mapping[str, np.ndarray], other: ByName) -> float:
    """The largest difference of two sets of weights."""
    return float(np.max([np.abs(np.asarray(one[name], np.float64) - other[name]).max() for name in other]))


def one_unit_each() -> ByName:
    """Weights whose hidden states are those of `hidden_states`, from the encoder into the decoder."""
    weights: ByName = {}
    for part, columns in ((ENCODER, COLUMNS), (DECODER, CLASSES)):
        weights |= {f"w_input{part}": np.zeros((4, columns)), f"w_recurrent{part}": np.zeros((4, 1))}
        weights[f"bias{part}"] = np.array([0.0, 0, 20, 0])
    return weights


def finish_with(drawn: ByName, trial: Translating) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        yield from of_translation(drawn, trial, steps)
        yield from trial.further_claims()

    return finish
