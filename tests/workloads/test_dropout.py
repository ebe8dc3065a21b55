"""Claims about dropout, held against trials that are right and trials that lie."""

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.errors import UsageError
from embbench.workloads import draw_batches, operations_of
from embbench.workloads._dropout_expected import (
    ANEW,
    LOSSES,
    PLACES,
    PREDICTED,
    WEIGHTS,
    bound,
    kept,
    over_gates,
    over_time,
    timed_factors,
    timed_zeros,
    zeros,
)
from embbench.workloads.dropout import COLUMNS, start_claims
from tests.workloads.dropping_trials import (
    STEPS,
    DropsInPredictions,
    Honest,
    KeepsAtRate,
    NeverDrops,
    NeverLearns,
    PerGate,
    PerStep,
    Repeats,
    SameMask,
    Unscaled,
    Variational,
    case_of,
)


def broken(trial_type, kind):
    """Names of the claims that do not hold."""
    case = case_of(kind)
    drawn = draw_batches(case, 16)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


def timed(kind):
    return timed_zeros(kind, 1), timed_factors(kind)


@pytest.mark.parametrize("kind", ["off", "fed", *PLACES])
def test_right_trials_keep_all_claims(kind):
    assert broken(Honest, kind) == set()


@pytest.mark.parametrize(
    ("lie", "kind", "expected"),
    [
        (NeverDrops, "input", [LOSSES, WEIGHTS]),
        (NeverDrops, "recurrent", [LOSSES, WEIGHTS]),
        (NeverDrops, "output", [LOSSES, WEIGHTS]),
        (NeverDrops, "fed", [LOSSES, WEIGHTS]),
        (NeverLearns, "off", [LOSSES, WEIGHTS]),
        (Repeats, "off", [LOSSES, WEIGHTS]),
        (Repeats, "recurrent_control", [LOSSES, WEIGHTS]),
        (KeepsAtRate, "recurrent", [zeros("recurrent"), kept("recurrent"), *timed("recurrent")]),
        (Unscaled, "output", [kept("output"), timed_factors("output")]),
        (SameMask, "input_layer", [ANEW]),
        (PerStep, "input", [over_time("input")]),
        (Variational, "input_layer", [over_time("input_layer")]),
        (Variational, "between_layers", [over_time("between_layers")]),
        (PerGate, "recurrent", [over_gates("recurrent")]),
        (PerGate, "input", [over_gates("input")]),
        (DropsInPredictions, "between_layers", [PREDICTED]),
        (DropsInPredictions, "output", [PREDICTED]),
    ],
    ids=lambda each: getattr(each, "__name__", each if isinstance(each, str) else ""),
)
def test_every_lie_breaks_its_claim(lie, kind, expected):
    assert broken(lie, kind) == {each.name for each in expected}


def test_factors_that_are_fed_are_0_or_a_third_more_than_1():
    drawn = draw_batches(case_of("fed"), 16)
    assert drawn["recurrent_masks"].shape == (16, 2, 6, 5)
    for name in ("input_masks", "recurrent_masks", "output_masks"):
        assert np.unique(drawn[name]).tolist() == [0.0, np.float32(4 / 3)]
        assert abs((drawn[name] == 0).mean() - 0.25) < bound(drawn[name].size)


def test_a_share_of_4096_units_may_be_wrong_by_a_twentieth():
    assert bound(4096) == pytest.approx(0.0511, abs=1e-4)


def test_it_has_no_table_and_no_optimizer():
    with pytest.raises(UsageError, match="vocab: the workload dropout has no such axis"):
        make_case({"workload": "dropout", "vocab": 50})


def test_its_operations_are_those_of_an_lstm_whose_inputs_need_no_gradient():
    sizes = {"dim": COLUMNS, "hidden": 5, "layers": 2, "batch": 6, "seq": 4}
    assert operations_of(case_of("off")) == operations_of(make_case({"table": "frozen", **sizes}))
