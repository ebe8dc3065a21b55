"""Training steps of an autoencoder, one piece of advice at a time: samples (B, 1000) -> 50 numbers -> 1000 numbers ->
mean squared error -> an optimizer with given numbers. Besides its step, a round measures how well it learns.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.workloads._autoencoder_trial import Autoencoding

if TYPE_CHECKING:
    from embbench.workloads import ByName

SUMMARY = "Autoencoder 1000-50-1000 with one piece of advice on its optimizer, samples or outputs (--advice)"
AXES = {
    "advice": {
        "default": "adadelta",
        "help": "What is tried: adadelta (rate 0.001, rho 0.95, epsilon 1e-7); adadelta_2019 (the same at rate 1); "
        "adadelta_torch (rate 1, rho 0.9, epsilon 1e-6); adam (rate 0.001); adam_low (rate 0.0001). With adam: scaled "
        "(standardized samples), relu_code (ReLU on the code), relu_last (ReLU on the last layer), independent "
        "(independent samples between -10 and 10).",
        "choices": (
            "adadelta",
            "adadelta_2019",
            "adadelta_torch",
            "adam",
            "adam_low",
            "scaled",
            "relu_code",
            "relu_last",
            "independent",
        ),
    },
    "train_steps": {"default": 300, "help": "Training steps of a learning curve."},
}
TABLES = ("none",)
UNUSED = ("vocab", "dim", "tokens", "ids", "seq", "optimizer", "dtype")
WEIGHT_ARRAYS = 4  # weight, gradient, two of the optimizer
SHOWN = ("loss", "weights", "state", "further_claims")

_WIDTH, _CODE = 1000, 50  # of `_autoencoder_data`, which needs NumPy


def label_shape(case: Case) -> tuple[int, ...]:
    return (case.batch,)


def operations(case: Case) -> float:
    """Two matrix products forward, three backward: samples need no gradient."""
    return 10 * case.batch * _WIDTH * _CODE


def weight_count(case: Case) -> int:
    return 2 * _WIDTH * _CODE + _WIDTH + _CODE


def activation_count(case: Case) -> int:
    """Code and output, forward and gradient."""
    return 2 * case.batch * (_CODE + _WIDTH)


def learning_steps(case: Case) -> int:
    return case.train_steps


def draw_inputs(case: Case, batches: int) -> "ByName":
    """inputs: (batches, B, 1000) float32; they are the targets too."""
    from embbench.workloads._autoencoder_data import SampleSource, in_batches, scale_of

    samples = SampleSource(case).draw(batches * case.batch)
    return in_batches(case, scale_of(case, samples).applied(samples))


def start(case: Case) -> "ByName":
    """The initial weights by name, float64: encoder (50, 1000), encoder_bias (50,), decoder (1000, 50), decoder_bias
    (1000,). Matrices are uniform in ±root of 6 / 1050 (Glorot and Bengio 2010).
    """
    import numpy as np

    rng = np.random.default_rng([case.seed, 13])
    reach = np.sqrt(6 / (_WIDTH + _CODE))
    return {
        "encoder": rng.uniform(-reach, reach, (_CODE, _WIDTH)),
        "encoder_bias": np.zeros(_CODE),
        "decoder": rng.uniform(-reach, reach, (_WIDTH, _CODE)),
        "decoder_bias": np.zeros(_WIDTH),
    }


def start_claims(case: Case, batches: "ByName", trial: Autoencoding) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads import _autoencoder_claims

        yield from _autoencoder_claims.of_steps(case, batches, trial, steps)
        if case.advice == "adadelta":  # once per contender
            yield from trial.further_claims()

    return finish


def curves(
    case: Case, seeds: Sequence[int], prepare: "Callable[[Case, ByName], Autoencoding]"
) -> Iterator[LearningCurve]:
    from embbench.workloads import _autoencoder_curves

    yield from _autoencoder_curves.curves(case, seeds, prepare)
