"""An autoencoder: inputs (B, 1000) -> 50 units -> 1000 outputs, whose targets are the inputs; squared error. `change`
is one change of the program that was asked about: Adadelta as of 2019, ReLU on the 50 units, inputs as they are.

The inputs have 60 directions of variance 31 among 1000 of variance 1, so the best answers are known: the outputs lie in
a space of 50 dimensions, whatever the encoder is, and nothing is better than the 50 first principal components.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.workloads import ByName, _dense_plan
from embbench.workloads._autoencoder_plan import plan_of
from embbench.workloads._dense_plan import DenseTrial

if TYPE_CHECKING:
    from embbench.workloads._dense_curves import MakeDense

SUMMARY = "Autoencoder 1000-50-1000 with one change (--change): a step, and how well it learns, over several seeds"
AXES = {
    "change": {
        "default": "asked",
        "help": "One change of an autoencoder: asked (none: Adadelta at rate 1, rho 0.95, epsilon 1e-7, as of 2019; "
        "ReLU on the 50 units); own (Adadelta made without arguments); rate_0.1, rate_0.001 (of Adadelta); adam (rate "
        "0.001), adam_0.01; sgd (rate 0.01), sgd_1; scaled (inputs of mean 0 and variance 1); times_10 "
        "(inputs ten times as large); more_samples (each sample once, instead of 2,000 again and again); linear_code "
        "(no ReLU on the 50 units); relu_last (ReLU on the outputs too); independent (inputs that are independent and "
        "uniform between -10 and 10).",
        "choices": (
            "asked",
            "own",
            "rate_0.1",
            "rate_0.001",
            "adam",
            "adam_0.01",
            "sgd",
            "sgd_1",
            "scaled",
            "times_10",
            "more_samples",
            "linear_code",
            "relu_last",
            "independent",
        ),
    },
    "train_steps": {"default": 300, "help": "Training steps of a learning curve."},
}
TABLES = ("none",)
UNUSED = ("optimizer", "vocab", "dim", "tokens", "ids", "seq", "dtype")
WEIGHT_ARRAYS = 5  # weight, gradient, two states, a temporary
SHOWN = ("loss", "weights", "slots", "numbers", "masks", "restart", "further_claims")


def label_shape(case: Case) -> tuple[int, ...]:
    return (case.batch,)


def operations(case: Case) -> float:
    return _dense_plan.operations(plan_of(case).layers, case.batch)


def weight_count(case: Case) -> int:
    return _dense_plan.weight_count(plan_of(case).layers)


def activation_count(case: Case) -> int:
    return _dense_plan.activation_count(plan_of(case).layers, case.batch)


def learning_steps(case: Case) -> int:
    return case.train_steps


def draw_inputs(case: Case, batches: int) -> ByName:
    """inputs, targets: (batches, B, COLUMNS) float32, the same array."""
    from embbench.workloads._autoencoder_samples import lesson_of

    return lesson_of(case, batches).drawn


def start_claims(case: Case, drawn: ByName, trial: DenseTrial) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads._dense_steps import of_steps

        yield from of_steps(plan_of(case), drawn, trial, steps)
        yield from trial.further_claims()

    return finish


def curves(case: Case, seeds: Sequence[int], prepare: "MakeDense") -> Iterator[LearningCurve]:
    """Scores, in the unit of the inputs as drawn: `excess` of held-out samples, `training` of training samples."""
    from embbench.workloads import _autoencoder_samples, _dense_curves

    yield from _dense_curves.curves(case, seeds, prepare, _autoencoder_samples.lesson_of, plan_of(case))
