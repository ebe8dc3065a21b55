"""The answer about layers per time step, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.claim import Claim
from embbench.report.answers.timedistributed import answer, brief
from embbench.workloads._timedistributed_expected import (
    LENGTHS_OF_FEW,
    SAME_LAYERS,
    SHAPE,
    UPDATES,
    calls,
    masks,
    moving,
    normed,
    same,
)
from tests.made_up import case, measured, values

CUT = "the output is cut to the number of samples"
EXPECTED = {
    "flat": [normed("flat"), moving("flat"), masks("flat"), calls("flat")],
    "wrapped": [
        *(same(layer, "wrapped") for layer in SAME_LAYERS),
        *(make("wrapped") for make in (normed, moving, masks, calls)),
    ],
    "wrapped_dynamic": [LENGTHS_OF_FEW],
    "wrapped_conv": [UPDATES, SHAPE],
}


def claim(expected, known, wrong):
    off = expected in known or expected in wrong
    got = (99.0,) if off else tuple(map(float, expected.want))
    text = CUT if expected in known else ""
    return Claim(name=expected.name, got=got, want=tuple(map(float, expected.want)), tolerance=1e-3, known=text)


def wrapped(contender, kind, seconds, first, seq=128, known=(), wrong=(), memory=1e9):
    given = case("none", workload="timedistributed", contender=contender, per_step=kind, seq=seq)
    told = tuple(claim(each, known, wrong) for each in EXPECTED.get(kind, []))
    times = [seconds, seconds * 1.001]
    return [
        msgspec.structs.replace(
            line, claims=told, metrics={**line.metrics, "first_step_time": values("first_step_time", first)}
        )
        for line in measured(given, times, memory)
    ]


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


@pytest.fixture
def lines():
    return [
        *wrapped("one", "flat", 0.010, 1.0),
        *wrapped("one", "wrapped", 0.040, 2.0, memory=1.5e9),
        *wrapped("one", "wrapped_conv", 0.040, 2.0),
        *wrapped("two", "flat", 0.020, 1.0),
        *wrapped("two", "wrapped", 0.020, 9.0),
        *wrapped("two", "flat", 0.020, 1.0, seq=32),
        *wrapped("two", "wrapped_dynamic", 0.060, 3.0, seq=32, known=[LENGTHS_OF_FEW]),
    ]


def test_it_says_where_a_wrapped_layer_is_the_flat_layer(lines):
    equal, norm, dropout, called, unknown, data = texts(lines)[:6]
    assert equal == (
        "Dense, convolution and layer normalization per time step equal the flat layer within rounding: one and two. "
        "Losses and gradients are equal too (3 steps against NumPy's)."
    )
    assert norm.startswith("Batch normalization in training differs: per time step it has the statistics of each")
    assert norm.endswith(
        "[1, 3] and [2, 4] become ±0.998 per time step, and -1.341 to 1.341 flat; the moving mean is 0.485 and 0.250."
    )
    assert dropout.endswith("as a flat layer does: one and two. Neither shares a mask over time.")
    assert called.startswith("A wrapped layer is called once per time step where the number of time steps is known")
    assert unknown == f"two: {CUT}."
    assert data == (
        "90 samples of (3, 32, 32, 3) in batches of 30 are 3 updates of (30, 3, 32, 32, 3), not one array "
        "(90, 30, 32, 32, 3): one."
    )


def test_it_gives_step_first_step_and_memory_against_the_flat_layer(lines):
    one, two, dynamic = texts(lines)[6:]
    assert one.startswith("one, 128 time steps: a step of the flat layer takes 10.0 ms; a wrapped head takes 4.0")
    assert " times the step and 2.0" in one
    assert one.endswith(" times the first step (2.00 s); peak memory 1.50 GB instead of 1.00 GB.")
    assert "a wrapped head takes 1.0" in two
    assert " times the step (cannot tell from 1) and 9.0" in two
    assert "two, 32 time steps" in dynamic
    assert "a wrapped head over an unknown number of time steps takes 3.0" in dynamic


def test_the_first_screen_has_the_cost_what_is_equal_and_what_is_wrong(lines):
    cost, equal, wrong = texts(lines, brief)
    assert cost == (
        "At 128 time steps a wrapped head takes, against a flat head: a step 1.0 (two) to 4.0 (one) and a first step "
        "2.0 (one) to 9.0 (two) times as long."
    )
    assert equal == (
        "Equal to the flat layer: dense, convolution and layer normalization. Not equal: batch normalization in "
        "training (statistics per time step)."
    )
    assert wrong.startswith("Over an unknown number of time steps, the output of two")
    assert wrong.endswith("has as many time steps as samples: wrong.")


def test_a_layer_that_differs_is_not_called_equal(lines):
    wrong = wrapped("three", "wrapped", 0.01, 1.0, wrong=[same("dense", "wrapped")])
    found = texts([*lines, *wrapped("three", "flat", 0.01, 1.0), *wrong])
    assert "within rounding: one and two." in found[0]


def test_without_layers_per_time_step_there_is_no_answer():
    assert texts(measured(case(), [0.1])) == []
    assert texts(measured(case(), [0.1]), brief) == []
