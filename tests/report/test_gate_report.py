"""What a gate writes, within the limits of the places where it is read."""

import json
import xml.etree.ElementTree as ElementTree

import msgspec

from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import match
from embbench.analysis.compare.outcome import compare, exit_code
from embbench.report.comparisons import Compared
from embbench.report.gate_report import (
    COMMENT_CHARACTERS,
    SUMMARY_BYTES,
    GateResult,
    annotations,
    comment,
    junit,
    machine_readable,
    marker,
    summary,
)
from tests.made_up import case, failed, measured

STEPS = [0.1000, 0.1002, 0.0999, 0.1001, 0.1000]
NOISY = [0.08, 0.12, 0.1, 0.09, 0.11]


def gate_result(candidates, strict=False):
    """candidates: vocab -> step times, or a reason why there are none."""
    base = [each for vocab in candidates for each in measured(case(vocab=vocab), STEPS)]
    head = []
    for vocab, steps in candidates.items():
        made = case(vocab=vocab)
        head += [failed(made, "crash", steps)] if isinstance(steps, str) else measured(made, steps, run="b")
    found = compare(match(base, head), CompareOptions({"step_time": 0.05}))
    return GateResult("scaling", Compared("base.jsonl", "head.jsonl", tuple(found)), exit_code(found, strict), strict)


MIXED = {1000: STEPS, 2000: [1.3 * value for value in STEPS], 3000: NOISY, 4000: "signal 11\n100%, gone"}


def test_a_pass_annotates_nothing():
    passed = gate_result({1000: STEPS})
    assert annotations(passed) == []
    assert passed.headline == "embbench gate scaling passed: 1 comparison: 1 same"
    unnamed = msgspec.structs.replace(passed, name="gate")
    assert unnamed.headline == "embbench gate passed: 1 comparison: 1 same"
    assert annotations(msgspec.structs.replace(unnamed, problem="no file")) == ["::error title=embbench gate::no file"]


def test_what_both_sides_load_is_told_wherever_a_gate_is_read():
    text = "base and head both load /lib/net.py: a change in that file cannot be detected"
    passed = gate_result({1000: STEPS})
    warned = msgspec.structs.replace(passed, compared=msgspec.structs.replace(passed.compared, warnings=(text,)))
    assert annotations(warned) == [f"::warning title=embbench gate::{text}"]
    assert json.loads(machine_readable(warned))["warnings"] == [text]
    assert text in summary(warned).replace("\\", "")


def test_errors_for_what_fails_and_warnings_for_what_is_open():
    lines = annotations(gate_result(MIXED))
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error", "::warning"]
    assert all("\n" not in line for line in lines)
    assert any("signal 11 100%25, gone" in line for line in lines)
    assert annotations(gate_result(MIXED, strict=True))[-1].startswith("::error")


def test_no_more_annotations_than_are_shown():
    lines = annotations(gate_result({1000 * vocab: [2 * value for value in STEPS] for vocab in range(1, 31)}))
    assert len(lines) == 10
    assert lines[-1].endswith("and 21 more, see the summary")


def test_junit_counts_what_it_lists():
    suite = ElementTree.fromstring(junit(gate_result(MIXED)))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "4",
        "1",
        "1",
        "1",
    )
    assert [len(one) for one in suite] == [0, 1, 1, 1]
    assert ElementTree.fromstring(junit(gate_result(MIXED, strict=True))).get("failures") == "2"


def test_a_comment_is_found_again_by_its_first_line():
    assert comment(gate_result(MIXED)).splitlines()[0] == marker("scaling")
    assert "regression" in comment(gate_result(MIXED))


def test_long_reports_are_cut_between_lines():
    long = gate_result(dict.fromkeys(range(1000, 4000), STEPS))
    told = comment(long)
    assert len(told) <= COMMENT_CHARACTERS
    assert "cut here" in told
    assert len(summary(long).encode()) <= SUMMARY_BYTES


def test_json_says_what_the_code_means():
    told = json.loads(machine_readable(gate_result(MIXED)))
    assert (told["exit_code"], told["verdicts"]) == (4, {"broke": 1, "regression": 1, "inconclusive": 1, "same": 1})
    assert len(told["comparisons"]) == 4
