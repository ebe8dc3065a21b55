"""Predictions of the text classifier, by several ways of calling it. Nothing trains.

Right values: a Z-LSTM has one unit, all kernels 0, and the bias 20 for its cell and 0 for its gates. Whatever its
input, the gates are 1/2 and the cell moves by c <- c/2 + 1/2, with the hidden state h = tanh(c)/2.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviations, Expected, check
from embbench.workloads import _counts
from embbench.workloads._counts import weight_count
from embbench.workloads.classifier import label_shape

if TYPE_CHECKING:
    import numpy as np

    from embbench.cases.streams import Tokens

__all__ = ["label_shape", "weight_count"]

SUMMARY = "LSTM text classifier that predicts, in several ways of calling it (--way)"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "layers": {"default": 1, "help": "Layers of the network."},
    "way": {
        "default": "call",
        "help": "How a model is called for a prediction: call, predict, predict_on_batch, compiled, inference_mode or "
        "recorded (with gradients recorded).",
        "choices": ("call", "predict", "predict_on_batch", "compiled", "inference_mode", "recorded"),
    },
    "per_call": {"default": 1, "help": "Batches of a prediction. `predict` gets them in one array."},
}
TABLES = ("frozen",)
UNUSED = ("optimizer",)
WEIGHT_ARRAYS = 1
SHOWN = ("kept", "scores", "regularized", "cell", "known", "further_claims")

CHECKED_ROWS = 32  # of a batch, whose scores are held to NumPy's


def z_states(count: int) -> list[float]:
    """The first hidden states of a Z-LSTM that starts from zeros: 0.2310586, 0.3175745, 0.3519528, ..."""
    cell, states = 0.0, []
    for _ in range(count):
        cell = cell / 2 + 1 / 2
        states.append(math.tanh(cell) / 2)
    return states


STATES = 3
EXACT = 1e-6  # allowed difference of states in float32
ROUNDING = 1e-4  # of scores, as a share of the largest: sums of some hundred products in float32
_TRAINED = "trained model with dropout, noise and batch norm"

SCORES = Expected("scores of the last batch: difference from NumPy's, as a share", [0], ROUNDING, proof=True)
UNCHANGED = Expected("timed model: arrays that predictions changed", [0])
TRAINED_UNCHANGED = Expected(f"{_TRAINED}: arrays that predictions changed", [0])
REPEATED = Expected(f"{_TRAINED}: scores that differ between two predictions", [0])
REGULARIZED_SCORES = Expected(
    f"{_TRAINED}: difference from NumPy's scores without dropout and noise, as a share", [0], ROUNDING, proof=True
)
WITHIN_CALL = Expected("states within a call of 3 time steps", z_states(STATES), EXACT)
STATELESS = Expected("states of 3 calls, stateless", z_states(1) * STATES, EXACT)
STATEFUL = Expected("states of 3 calls, stateful", z_states(STATES), EXACT)
RESET = Expected("state of a call after a reset", z_states(1), EXACT)
AFTER_FIT = Expected("stateful: state of predict after a step of fit and of evaluate", z_states(STATES)[2:], EXACT)
AFTER_VALIDATION = Expected(
    "stateful: state of predict after a step of fit and its validation", z_states(STATES)[2:], EXACT
)
PLAIN_CALL = Expected("model(x): scores that differ from those with training=False", [0])
WITHOUT_EVAL = Expected("no_grad without eval(): arrays of batch norm that two predictions changed", [3])
DROPPED = Expected("no_grad without eval(): whether dropout is active (1: yes)", [1])
RECORDED = Expected("eval() without no_grad: whether gradients are recorded (1: yes)", [1])

KeptArrays = Iterable[tuple[str, "np.ndarray"]]


class Predictor(Protocol):
    """kept: name -> each array that the model keeps, state of its optimizer included. predict: scores of ids (B, S)."""

    def kept(self) -> KeptArrays: ...

    def predict(self, ids: "np.ndarray") -> "np.ndarray": ...


class Regularized(NamedTuple):
    """A small trained classifier with dropout and batch normalization behind the LSTM, in the state after some steps of
    Adam. ids: (B, S), to predict. weights: as the classifier names them, with 'rows' (V, D), 'scale', 'shift', 'mean'
    and 'variance' of the normalization. epsilon: of the normalization. noise: whether it has Gaussian noise too.
    """

    predictor: Predictor
    ids: "np.ndarray"
    weights: "Mapping[str, np.ndarray]"
    epsilon: float


class ZLstm(Protocol):
    """A Z-LSTM. predict: hidden states (T,) of an input of T time steps, in the case's way of calling."""

    def predict(self, steps: int) -> "np.ndarray": ...

    def reset(self) -> None: ...


class Predicting(Protocol):
    """The trial of an engine. A step predicts `per_call` batches.

    kept: as `Predictor.kept`, of the timed model. scores: of the last batch, (B, C). The batches are predicted in
    turn; those that are left after the last whole call are not. regularized: None for a framework without such layers.
    cell: stateful: whether the state of a call goes on to the next call.
    """

    def kept(self) -> KeptArrays: ...

    def scores(self) -> "np.ndarray": ...

    def regularized(self) -> Regularized | None: ...

    def cell(self, stateful: bool) -> ZLstm: ...

    def known(self) -> Deviations:
        """Name of a claim -> the framework's known deviation."""
        ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...


def operations(case: Case) -> float:
    """The forward pass alone, a third of a training step."""
    frozen_saves = 8 * case.rows_per_step * case.hidden * case.dim
    return (_counts.operations(case) + frozen_saves) / 3 * case.per_call


def activation_count(case: Case) -> int:
    """The LSTM's inputs and hidden states."""
    return case.rows_per_step * (case.dim + case.hidden * case.layers)


def start_claims(case: Case, tokens: "Tokens", trial: Predicting) -> Callable[[int], Iterator[Claim]]:
    before = _digests(trial.kept())
    known = trial.known()

    def finish(steps: int) -> Iterator[Claim]:
        yield check(SCORES, lambda: _scores_of_timed(case, tokens, trial, steps))
        yield check(UNCHANGED, lambda: _changed(before, trial), known)
        yield from _of_regularized(trial, known)
        yield from _of_states(trial, known)
        yield from trial.further_claims()

    return finish


def _scores_of_timed(case: Case, tokens: "Tokens", trial: Predicting, steps: int) -> list[float]:
    from embbench.cases.workload import initial_rows
    from embbench.workloads._lstm import last_hidden, start

    staged = len(tokens.ids) // case.per_call * case.per_call  # batches, in calls of `per_call`
    ids = tokens.ids[(steps * case.per_call - 1) % staged][:CHECKED_ROWS]
    rows = initial_rows(case, ids.ravel()).reshape(*ids.shape, -1).astype("float64")
    weights = start(case, 1)
    wanted = last_hidden(weights, rows) @ weights["head_weight"].T + weights["head_bias"]
    return _difference(trial.scores(), wanted)


def _of_regularized(trial: Predicting, known: Deviations) -> Iterator[Claim]:
    made = trial.regularized()
    if made is None:
        return
    before = _digests(made.predictor.kept())
    first, second = made.predictor.predict(made.ids), made.predictor.predict(made.ids)
    yield check(TRAINED_UNCHANGED, lambda: _changed(before, made.predictor), known)
    yield check(REPEATED, lambda: [(first != second).sum()], known)
    yield check(REGULARIZED_SCORES, lambda: _difference(first, _scores_of_regularized(made)), known)


def _scores_of_regularized(made: Regularized) -> "np.ndarray":
    """Without dropout and noise, with the moving statistics."""
    import numpy as np

    from embbench.workloads._lstm import last_hidden

    weights = {name: np.asarray(array, np.float64) for name, array in made.weights.items()}
    hidden = last_hidden(weights, weights["rows"][made.ids])
    normal = (hidden - weights["mean"]) / np.sqrt(weights["variance"] + made.epsilon)
    return (normal * weights["scale"] + weights["shift"]) @ weights["head_weight"].T + weights["head_bias"]


def _of_states(trial: Predicting, known: Deviations) -> Iterator[Claim]:
    stateless, stateful = trial.cell(False), trial.cell(True)
    yield check(WITHIN_CALL, lambda: trial.cell(False).predict(STATES), known)
    yield check(STATELESS, lambda: [stateless.predict(1)[0] for _ in range(STATES)], known)
    yield check(STATEFUL, lambda: [stateful.predict(1)[0] for _ in range(STATES)], known)
    stateful.reset()
    yield check(RESET, lambda: stateful.predict(1), known)


def _difference(got: "np.ndarray", wanted: "np.ndarray") -> list[float]:
    """The largest difference as a share of the largest wanted number. `got` may have more rows."""
    import numpy as np

    found = np.asarray(got, np.float64)[: len(wanted)]
    return [float(np.abs(found - wanted).max() / np.abs(wanted).max())] if found.shape == wanted.shape else [math.nan]


def _digests(kept: KeptArrays) -> dict[str, str]:
    """Name -> digest of the bytes. A copy of a table of gigabytes would be too large."""
    import hashlib

    import numpy as np

    return {name: hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=16).hexdigest() for name, array in kept}


def _changed(before: Mapping[str, str], model: Predictor | Predicting) -> list[int]:
    now = _digests(model.kept())
    return [sum(before.get(name) != now.get(name) for name in before.keys() | now.keys())]
