"""`--explain` shows the path from rounds to verdict."""

import msgspec

from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import match
from embbench.analysis.compare.outcome import compare
from embbench.report.comparison_steps import steps_document
from tests.made_up import MACHINE, case, failed, measured, values

STEPS = [0.1000, 0.1002, 0.0999, 0.1001, 0.1000]


def explained(base, candidate, metric="step_time"):
    (found,) = compare(match(base, candidate), CompareOptions({metric: 0.05}))
    _, facts = steps_document([found]).blocks
    return facts.lines


def test_a_regression_from_its_rounds_on():
    lines = explained(measured(case(), STEPS), measured(case(), [1.2 * value for value in STEPS], run="b"))
    assert ("base", "5 of 5 rounds: 100.0 ms, 100.2 ms, 99.90 ms, 100.1 ms, 100.0 ms") in lines
    assert dict(lines)["ratio"].endswith("from the medians of the rounds of each side")
    assert any(text.endswith("if the candidate were not slower by more than 5%") for word, text in lines if word == "p")
    assert lines[-1] == ("verdict", "regression: the change is shown to be larger than the threshold")


def test_bytes_need_no_p_value():
    sides = [
        [msgspec.structs.replace(line, metrics={"host_growth": values("host_growth", grown)}) for line in lines]
        for grown, lines in ((1e4, measured(case(), STEPS)), (2e4, measured(case(), STEPS, run="b")))
    ]
    lines = dict(explained(*sides, "host_growth"))
    assert "p" not in lines
    assert lines["verdict"].startswith("regression: bytes and counts are compared as they are")


def test_what_forbids_a_verdict_is_told():
    elsewhere = measured(case(), STEPS, run="b", machine={**MACHINE, "cpus": 64, "fingerprint": "ffffffff"})
    lines = dict(explained(measured(case(), STEPS), elsewhere))
    assert "cpus 2 → 64" in lines["differs"]
    assert lines["verdict"].startswith("incomparable: the sides were measured on different machines")


def test_a_side_without_a_number_says_why():
    lines = dict(explained(measured(case(), STEPS), [failed(case(), "timeout", "600 s were not enough")]))
    assert lines["candidate"] == "timeout, 1 rounds: 600 s were not enough"
    assert dict(explained(measured(case(), STEPS), []))["candidate"] == "no such case"
