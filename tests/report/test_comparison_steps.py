"""`--explain` shows the path from rounds to verdict."""

import msgspec

from embbench.compare.evidence import CompareOptions
from embbench.compare.match import match
from embbench.compare.outcome import compare
from embbench.report.comparison_steps import explain
from tests.made_up import MACHINE, case, failed, measured, values

STEPS = [0.1000, 0.1002, 0.0999, 0.1001, 0.1000]


def explained(base, candidate, metric="step_time"):
    (found,) = compare(match(base, candidate), CompareOptions({metric: 0.05}))
    return explain(found)


def test_a_regression_from_its_rounds_on():
    text = explained(measured(case(), STEPS), measured(case(), [1.2 * value for value in STEPS], run="b"))
    assert "5 of 5 rounds: 100.0 ms, 100.2 ms, 99.90 ms" in text
    assert "medians of rounds, the sides apart" in text
    assert "if it were not slower by more than 5%" in text
    assert text.endswith("verdict    regression: the change is shown to be larger than the threshold\n")


def test_bytes_need_no_p_value():
    sides = [
        [msgspec.structs.replace(line, metrics={"host_growth": values("host_growth", grown)}) for line in lines]
        for grown, lines in ((1e4, measured(case(), STEPS)), (2e4, measured(case(), STEPS, run="b")))
    ]
    text = explained(*sides, "host_growth")
    assert "p    " not in text
    assert "regression: bytes and counts, compared as they are" in text


def test_what_forbids_a_verdict_is_told():
    elsewhere = measured(case(), STEPS, run="b", machine={**MACHINE, "cpus": 64, "fingerprint": "ffffffff"})
    text = explained(measured(case(), STEPS), elsewhere)
    assert "differs    cpus 2 → 64" in text
    assert "incomparable: measured on different machines" in text


def test_a_side_without_a_number_says_why():
    text = explained(measured(case(), STEPS), [failed(case(), "timeout", "600 s were not enough")])
    assert "timeout, 1 rounds: 600 s were not enough" in text
    assert "no such case" in explained(measured(case(), STEPS), [])
