"""Claims about layers per time step, held against trials that are right and trials that lie."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.errors import UsageError
from embbench.workloads import draw_batches, operations_of
from embbench.workloads._timedistributed_expected import (
    LOSSES,
    WEIGHTS,
    calls,
    masks,
    moved_once,
    moving,
    normed,
    same,
)
from embbench.workloads._timedistributed_network import loss_and_gradients
from embbench.workloads.timedistributed import start, start_claims, weight_count
from tests.workloads.per_step_trials import (
    STEPS,
    CallsOnce,
    CutsTime,
    ForgetsTheFront,
    Honest,
    MovesOnce,
    NeverLearns,
    OneGroup,
    OneMask,
    case_of,
)

KINDS = ("flat", "wrapped", "wrapped_dynamic", "mapped", "flat_conv", "wrapped_conv")


def broken(trial_type, kind):
    """Names of the claims that do not hold."""
    case = case_of(kind)
    drawn = draw_batches(case, 4)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize("kind", KINDS)
def test_right_per_step_trials_keep_all_claims(kind):
    assert broken(Honest, kind) == set()


@pytest.mark.parametrize(
    ("lie", "kind", "expected"),
    [
        (NeverLearns, "flat", [LOSSES, WEIGHTS]),
        (ForgetsTheFront, "wrapped_conv", [LOSSES, WEIGHTS]),
        (CutsTime, "wrapped", [same("dense", "wrapped")]),
        (OneGroup, "wrapped", [normed("wrapped"), moving("wrapped")]),
        (MovesOnce, "wrapped_dynamic", [moving("wrapped_dynamic")]),
        (OneMask, "flat", [masks("flat")]),
        (OneMask, "mapped", [masks("mapped")]),
        (CallsOnce, "wrapped", [calls("wrapped")]),
    ],
    ids=lambda each: getattr(each, "__name__", each if isinstance(each, str) else ""),
)
def test_every_per_step_lie_breaks_its_claim(lie, kind, expected):
    assert broken(lie, kind) == {each.name for each in expected}


def test_batch_normalization_by_hand():
    flat, loop = normed("flat").want, normed("wrapped").want
    assert flat == pytest.approx([-1.341104, 0.447035, -0.447035, 1.341104], abs=1e-6)
    assert loop == pytest.approx([-0.998006, -0.998006, 0.998006, 0.998006], abs=1e-6)
    assert moving("flat").want == pytest.approx([0.25])
    assert moving("wrapped").want == pytest.approx([0.9 * 0.15 + 0.1 * 3.5])
    assert moved_once() == pytest.approx(0.15)


def test_the_gradients_of_the_front_are_those_of_differences():
    case = case_of("flat_conv")
    weights, drawn = start(case, 1), draw_batches(case, 1)
    weights["conv_bias"] = np.linspace(-1, 1, 8)
    inputs, labels = drawn["inputs"][0].astype(float), drawn["labels"][0]
    _, gradients = loss_and_gradients(weights, inputs, labels)
    for name, place in (("conv_weight", (3, 0, 2)), ("conv_weight", (7, 2, 1)), ("conv_bias", (5,))):
        losses = []
        for shift in (1e-6, -1e-6):
            moved = {**weights, name: weights[name].copy()}
            moved[name][place] += shift
            losses.append(loss_and_gradients(moved, inputs, labels)[0])
        assert gradients[name][place] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-4)


def test_operations_and_weights_of_the_front_are_counted():
    flat, conv = case_of("flat"), case_of("flat_conv")
    tokens, hidden = 3 * 4, 5
    assert operations_of(flat) == tokens * hidden * (24 * (64 + hidden) - 8 * 64)
    assert operations_of(conv) == tokens * hidden * 24 * (8 + hidden) + 4 * tokens * 36 * 9 * 8
    assert weight_count(conv) == 4 * hidden * (8 + hidden + 2) + 8 * (hidden + 1) + 80


def test_labels_are_per_time_step_and_there_is_no_table():
    assert draw_batches(case_of("flat"), 2)["labels"].shape == (2, 3, 4)
    with pytest.raises(UsageError, match="vocab: the workload timedistributed has no such axis"):
        make_case({"workload": "timedistributed", "vocab": 50})
