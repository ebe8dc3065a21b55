"""Comparisons as a person and as a program reads them."""

import csv
import io
import json

import msgspec
import pytest

from embbench.analysis.compare.differences import differences
from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import match
from embbench.analysis.compare.outcome import compare
from embbench.errors import UsageError
from embbench.report.comparisons import OWN_ROUNDS, Compared, summary_line
from embbench.report.reasons import difference_text
from embbench.store.round import Audit
from tests.made_up import MACHINE, SOFTWARE, case, failed, measured
from tests.written import render_comparisons

STEPS = [0.1000, 0.1002, 0.0999, 0.1001, 0.1000]
OPTIONS = CompareOptions({"step_time": 0.05, "host_peak": 0.005})


@pytest.fixture
def told():
    """One of each: slower, faster, the same, noise, broke, gone, new."""
    base = [
        *measured(case("frozen"), STEPS),
        *measured(case(), [4 * value for value in STEPS], 2e9),
        *measured(case(update="fused"), STEPS),
        *measured(case(update="sparse"), [0.02, 0.03, 0.021, 0.024, 0.02]),
        *measured(case(update="compact"), STEPS),
        *measured(case(vocab=2_000_000), STEPS),
    ]
    newer = {"run": "run2", "software": {**SOFTWARE, "contender": "b2"}}
    candidate = [
        *measured(case("frozen"), STEPS, **newer),
        *measured(case(), [5 * value for value in STEPS], 2.2e9, **newer),
        *measured(case(update="fused"), [0.5 * value for value in STEPS], 0.9e9, **newer),
        *measured(case(update="sparse"), [0.023, 0.025, 0.02, 0.026, 0.024], **newer),
        *(failed(case(update="compact"), "crash", "signal 11", number, **newer) for number in range(3)),
        *measured(case(tokens="same"), STEPS, **newer),
    ]
    return Compared(
        "base.jsonl", "candidate.jsonl", tuple(compare(match(base, candidate), OPTIONS)),
        tuple(differences(base, candidate)),
    )  # fmt: skip


@pytest.mark.parametrize(("format_name", "name"), [("text", "comparisons.txt"), ("md", "comparisons.md")])
def test_goldens(told, golden, format_name, name):
    golden(name, render_comparisons(told, format_name))


def test_json_holds_all_that_was_decided(told):
    data = json.loads(render_comparisons(told, "json"))
    assert data["schema"] == 1
    first = {(each["name"], each["metric"]): each for each in data["comparisons"]}
    slower = first["pytorch trainable default adam vocab=200k tokens=words", "step_time"]
    assert slower["verdict"] == "regression"
    assert slower["ratio"]["center"] == pytest.approx(1.25)
    assert len(slower["base"]["values"]) == 5
    assert slower["evidence"]["family"] == 8  # times and peaks of four cases


def test_what_was_taken_off_a_ratio_is_told(told):
    (first, *rest) = (each for each in told.comparisons if each.evidence is not None and each.metric == "step_time")
    evidence = msgspec.structs.replace(first.evidence, fault_cost=1.5e-6, wait_cost=1.1)
    taken = Compared("a", "b", (msgspec.structs.replace(first, evidence=evidence), *rest), ())
    text = " ".join(render_comparisons(taken, "text").split())
    assert "at equal page faults" in text
    assert "a page fault costs 1.5 µs" in text
    assert "at equal waits for a CPU" in text


def compared(base, candidate, options=OPTIONS):
    found = tuple(compare(match(base, candidate), options))
    return Compared("a", "b", found, tuple(differences(base, candidate)))


def notes_of(made):
    return [line for line in render_comparisons(made, "md").splitlines() if line.startswith("- ") and "**" not in line]


UPDATES = ("default", "fused", "sparse", "compact")


def on_two_machines(memory):
    other = {**MACHINE, "cpu": "Another CPU", "fingerprint": "ffff", "memory": memory}
    base = [line for update in UPDATES for line in measured(case(update=update), STEPS)]
    candidate = [line for update in UPDATES for line in measured(case(update=update), STEPS, run="b", machine=other)]
    return base, candidate


def test_a_reason_of_all_comparisons_is_told_once():
    made = compared(*on_two_machines(33_600_000_000))
    assert notes_of(made) == [
        "- all 8 comparisons: incomparable, the sides were measured on different machines (see differs)"
    ]
    text = " ".join(render_comparisons(made, "text").split())
    assert text.count("Another CPU") == 1
    assert "memory 25.2 GB → 33.6 GB" in text
    data = json.loads(render_comparisons(made, "json"))
    assert "memory 25200000000 → 33600000000" in data["differences"]
    assert data["comparisons"][0]["differences"] == data["differences"]
    assert "memory 25.2 GB → 33.6 GB" in data["comparisons"][0]["note"]


def test_bytes_that_differ_are_shown_with_digits_that_differ():
    (found,) = (each for each in compared(*on_two_machines(25_200_008_192)).differences if each.name == "memory")
    assert difference_text(found) == "memory 25.20000 GB → 25.20001 GB"


def test_a_reason_of_several_comparisons_names_them():
    base, candidate = on_two_machines(25_200_000_000)
    own = measured(case("frozen"), STEPS)
    made = compared([*base, *own], [*candidate, *measured(case("frozen"), STEPS, run="b")])
    assert notes_of(made) == ["- all 8 incomparable: the sides were measured on different machines (see differs)"]
    unlike = measured(case("frozen"), STEPS, run="b", audit=Audit("lazy", True, 1e-7, 40))
    (machines, classes) = notes_of(compared([*base, *own], [*candidate, *unlike]))
    names = "pytorch trainable {} adam vocab=200k"
    several = ", ".join(map(names.format, UPDATES[:3]))
    assert machines.startswith(f"- {several} and 1 more step_time, host_peak: incomparable, the sides were measured on")
    assert classes.startswith("- pytorch frozen adam vocab=200k step_time, host_peak: incomparable, the sides have")


def test_a_reason_that_the_user_may_waive_says_how():
    newer = {"run": "b", "software": {**SOFTWARE, "torch": "2.14.0"}}
    sides = [
        [line for each in UPDATES for line in measured(case(update=each), STEPS, **given)] for given in ({}, newer)
    ]
    assert notes_of(compared(*sides)) == [
        "- all 8 comparisons: inconclusive, the sides were measured with different versions (see differs); to compare "
        "them anyway: --across software"
    ]


def test_the_intervals_of_times_are_said_to_be_of_own_rounds(told):
    assert f"intervals  {OWN_ROUNDS}." in render_comparisons(told, "text")
    alone = tuple(each for each in told.comparisons if each.metric == "host_peak")
    assert "intervals" not in render_comparisons(Compared("a", "b", alone), "text")


def test_csv_has_a_line_for_each(told):
    rows = list(csv.DictReader(io.StringIO(render_comparisons(told, "csv"))))
    assert len(rows) == len(told.comparisons)
    assert {row["verdict"] for row in rows} >= {"regression", "improvement", "same", "inconclusive", "broke", "new"}
    broke = next(row for row in rows if row["verdict"] == "broke")
    assert (broke["candidate"], broke["ratio"]) == ("", "")
    assert "signal 11" in broke["note"]


def test_text_is_no_wider_than_asked_for(told):
    assert max(map(len, render_comparisons(told, "text", 70).splitlines())) <= 70


def test_the_gravest_verdict_comes_first(told):
    assert summary_line(told.comparisons).startswith("14 comparisons: 2 broke, 2 regression")


def test_an_unknown_format_names_the_nearest(told):
    with pytest.raises(UsageError, match="did you mean 'json'"):
        render_comparisons(told, "jsn")
