"""The claims of the workload `autoencoder`: steps against NumPy's, and numbers of optimizers that need no network."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Expected, check
from embbench.workloads import ByName
from embbench.workloads._autoencoder_data import SECOND_DECAY, SETTINGS, Setting, setting_of
from embbench.workloads._autoencoder_trial import Autoencoding

CHECKED = 3  # steps that NumPy repeats
AT = (1, 100, 1000)  # steps with a gradient of 1
CLOSE = 1e-4  # share of a movement in float32
NEW, OLD, LOOSE = (SETTINGS[name] for name in ("adadelta", "adadelta_2019", "adadelta_torch"))

# Near the end of a training, a gradient is the small difference of large sums in float32: 7e-4 and 3e-4 were seen after
# 6,000 steps on 128 samples.
LOSSES = Expected(f"losses of {CHECKED} steps more: difference from NumPy's, as a share", [0], 1e-5, proof=True)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps more: difference from NumPy's, as a share of the movement", [0], 5e-3, proof=True
)
STATE = Expected(
    f"the optimizer's arrays after {CHECKED} steps more: difference from NumPy's, as a share", [0], 1e-3, proof=True
)


class Before(NamedTuple):
    """Weights and the optimizer's two arrays per weight, in float64."""

    weights: ByName
    first: ByName
    second: ByName


def of_steps(case: Case, batches: ByName, trial: Autoencoding, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy from the same weights and arrays."""
    before = now = shown(trial)
    off = []
    for made in range(steps, steps + CHECKED):
        inputs = batches["inputs"][made % len(batches["inputs"])].astype(np.float64)
        loss, gradients = loss_and_gradients(case, now.weights, inputs)
        now = moved(setting_of(case), now, gradients, made + 1, trial.epsilon)
        trial.step()
        trial.sync()
        off.append(abs(trial.loss() / loss - 1))
    after = shown(trial)
    yield check(LOSSES, lambda: [np.max(off)])
    yield check(WEIGHTS, lambda: [np.max([_missed(before, now, after, name) for name in now.weights])])
    pairs = [(wanted[name], got[name]) for wanted, got in zip(now[1:], after[1:], strict=True) for name in wanted]
    yield check(STATE, lambda: [np.max([_norm(got - wanted) / _norm(wanted) for wanted, got in pairs])])


def shown(trial: Autoencoding) -> Before:
    arrays = trial.weights(), *trial.state()
    return Before(*({name: array.astype(np.float64) for name, array in each.items()} for each in arrays))


def _norm(array: np.ndarray) -> float:
    return float(np.linalg.norm(array))


def _missed(before: Before, wanted: Before, got: Before, name: str) -> float:
    """The difference beyond the rounding of sums in float32, as a share of the movement. Norms over an array: where a
    ReLU's input is almost 0, rounding decides on its gradient, in a few places.
    """
    rounding = CHECKED * np.spacing(np.abs(wanted.weights[name]).astype(np.float32)).astype(np.float64)
    beyond = np.maximum(np.abs(got.weights[name] - wanted.weights[name]) - rounding, 0)
    return _norm(beyond) / _norm(wanted.weights[name] - before.weights[name])


def outputs(case: Case, weights: ByName, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(codes (M, 50), outputs (M, 1000)), by NumPy."""
    codes = inputs @ weights["encoder"].T + weights["encoder_bias"]
    if case.advice == "relu_code":
        codes = np.maximum(codes, 0)
    last = codes @ weights["decoder"].T + weights["decoder_bias"]
    return codes, np.maximum(last, 0) if case.advice == "relu_last" else last


def loss_and_gradients(case: Case, weights: ByName, inputs: np.ndarray) -> tuple[float, ByName]:
    """The mean squared error over all numbers of (B, 1000), and its gradients by name."""
    codes, last = outputs(case, weights, inputs)
    by_last = 2 * (last - inputs) / inputs.size
    if case.advice == "relu_last":
        by_last = by_last * (last > 0)
    by_codes = by_last @ weights["decoder"]
    if case.advice == "relu_code":
        by_codes = by_codes * (codes > 0)
    gradients = {
        "encoder": by_codes.T @ inputs,
        "encoder_bias": by_codes.sum(0),
        "decoder": by_last.T @ codes,
        "decoder_bias": by_last.sum(0),
    }
    return float(np.mean((last - inputs) ** 2)), gradients


def moved(setting: Setting, before: Before, gradients: ByName, step: int, epsilon: str) -> Before:
    """After the optimizer's step number `step`, from 1. epsilon: its place in Adam, see `Autoencoding`."""
    update = _adadelta if setting.optimizer == "adadelta" else _adam
    found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for name, gradient in gradients.items():
        arrays = before.weights[name], before.first[name], before.second[name]
        found[name] = update(setting, arrays, gradient, step, epsilon)
    return Before(*({name: arrays[place] for name, arrays in found.items()} for place in range(3)))


WeightArrays = tuple[np.ndarray, np.ndarray, np.ndarray]  # a weight and its two arrays


def _adadelta(setting: Setting, arrays: WeightArrays, gradient: np.ndarray, step: int, epsilon: str) -> WeightArrays:
    """Zeiler 2012, times a rate."""
    weight, squares, moves = arrays
    squares = setting.decay * squares + (1 - setting.decay) * gradient**2
    move = np.sqrt(moves + setting.epsilon) / np.sqrt(squares + setting.epsilon) * gradient
    return weight - setting.rate * move, squares, setting.decay * moves + (1 - setting.decay) * move**2


def _adam(setting: Setting, arrays: WeightArrays, gradient: np.ndarray, step: int, epsilon: str) -> WeightArrays:
    """Kingma and Ba 2015."""
    weight, first, second = arrays
    first = setting.decay * first + (1 - setting.decay) * gradient
    second = SECOND_DECAY * second + (1 - SECOND_DECAY) * gradient**2
    share = 1 - SECOND_DECAY**step
    spread = np.sqrt(second / share) + setting.epsilon
    if epsilon == "uncorrected":
        spread = (np.sqrt(second) + setting.epsilon) / np.sqrt(share)
    return weight - setting.rate * first / (1 - setting.decay**step) / spread, first, second


# Numbers of optimizers. A framework makes the claims that it has an option for.


def path(setting: Setting) -> list[float]:
    """The movement of a weight after AT steps with a gradient of 1."""
    arrays, one, found = (np.zeros(1), np.zeros(1), np.zeros(1)), np.ones(1), []
    for step in range(1, max(AT) + 1):
        arrays = _adadelta(setting, arrays, one, step, "")
        if step in AT:
            found.append(-float(arrays[0][0]))
    return found


def _moves(setting: Setting) -> Expected:
    right = ", ".join(f"{each:.5g}" for each in path(setting))
    name = (
        f"Adadelta, rate {setting.rate:g}, rho {setting.decay:g}, epsilon {setting.epsilon:g}: movement after "
        f"{', '.join(map(str, AT))} steps with a gradient of 1, as a share of {right}"
    )
    return Expected(name, [1] * len(AT), CLOSE)


MOVES = {setting: _moves(setting) for setting in (NEW, OLD, LOOSE)}
DEFAULTS = Expected(  # a rate may be kept in float32
    "Adadelta's defaults: rate, rho, epsilon", [NEW.rate, NEW.decay, NEW.epsilon], 1e-9
)
AS_IT_COMES = Expected(
    f"Adadelta as it comes: movement against a gradient of 1 after {AT[-1]} steps", path(NEW)[-1:], 2e-5
)
PENALTY = Expected("penalty of 0.1 on a weight of 2: what it adds to the gradient", [0.4], 1e-6)
DECAY = Expected("Adam, rate 0.01, weight decay of 0.1, a weight of 2, no gradient: movement of a step", [0.002], 1e-6)

# Where Adam adds its epsilon: to the root of the corrected second moment, 1, or before the correction, to the root of
# 0.001 ("epsilon hat" of Kingma and Ba 2015).
PLACE = Expected("Adam, rate 1, epsilon 0.1: movement after a step with a gradient of 1", [1 / 1.1], 1e-5)
UNCORRECTED = math.sqrt(0.001) / (math.sqrt(0.001) + 0.1)
COARSE = Setting("adam", 1.0, 0.9, 0.1)


def shares(setting: Setting, found: list[float]) -> list[float]:
    """Of the right values. found: after AT steps."""
    return [got / right for got, right in zip(found, path(setting), strict=True)]
