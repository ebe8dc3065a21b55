"""A regression that overfits: 20 inputs -> 32 units -> 128 units -> 1 output, ReLU between, squared error, Adam at rate
0.001, on 160 samples. `remedy` is one change of it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.learning_curve import LearningCurve
from embbench.workloads import ByName, _regression_plan
from embbench.workloads._regression_plan import Regressing, plan_of

SUMMARY = "Regression by dense layers of 32 and 128 units, with one remedy against overfitting (--remedy)"
AXES = {
    "remedy": {
        "default": "off",
        "help": "One change of a regression that overfits: off (none); raw_inputs (columns of standard deviations from "
        "0.1 to 10, instead of scaled to 1); fewer_units (8 and 8 instead of 32 and 128); l2 (0.01), strong_l2 (0.1: "
        "factor of the squares of kernels in the loss); weight_decay (0.01, AdamW); dropout (0.5 of the units of both "
        "layers); more_samples (16 times as many); slower (rate 0.0001), faster (rate 0.01); sgd (rate 0.01).",
        "choices": (
            "off",
            "raw_inputs",
            "fewer_units",
            "l2",
            "strong_l2",
            "weight_decay",
            "dropout",
            "more_samples",
            "slower",
            "faster",
            "sgd",
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
    return _regression_plan.operations(plan_of(case).layers, case.batch)


def weight_count(case: Case) -> int:
    return _regression_plan.weight_count(plan_of(case).layers)


def activation_count(case: Case) -> int:
    return _regression_plan.activation_count(plan_of(case).layers, case.batch)


def learning_steps(case: Case) -> int:
    return case.train_steps


def draw_inputs(case: Case, batches: int) -> ByName:
    """inputs (batches, B, 20), targets (batches, B, 1), float32."""
    from embbench.workloads._regression_samples import lesson_of

    return lesson_of(case, batches).drawn


def start_claims(case: Case, drawn: ByName, trial: Regressing) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads._regression_steps import of_steps

        yield from of_steps(plan_of(case), drawn, trial, steps)
        if case.remedy == "off":  # once per contender
            yield from trial.further_claims()

    return finish


def curves(case: Case, seeds: Sequence[int], prepare: Callable[[Case, ByName], Any]) -> Iterator[LearningCurve]:
    """Scores: squared errors over the noise, `excess` of held-out samples, `training` of training samples, and
    `validation` of a tenth of the samples, by which a training may be stopped.
    """
    from embbench.workloads import _regression_curves

    yield from _regression_curves.curves(case, seeds, prepare)
