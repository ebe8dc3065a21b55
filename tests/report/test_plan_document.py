"""The table and the sentence of `plan`, from made-up estimates."""

import msgspec
import pytest

from embbench.cases.case_estimate import CaseEstimate
from embbench.cases.plan import Plan
from embbench.cases.protocol import PRESETS
from embbench.cases.suite import View
from embbench.report.plan_document import plan_document
from tests.made_up import case

SMALL, LARGE, ABSENT = case(vocab=1000), case(vocab=2_000_000), case(vocab=4000)
ESTIMATES = (
    CaseEstimate(SMALL, "run", None, 3, 500_000_000, 8_000_000_000, 7.0, 30.0),
    CaseEstimate(LARGE, "skipped", "needs more", 3, 16_000_000_000, 8_000_000_000, 7.0, 0.0),
    CaseEstimate(ABSENT, "unsupported", "not installed", 3, None, None, None, 0.0),
)


def plan(within: float = 0.0) -> Plan:
    protocol = msgspec.structs.replace(PRESETS["quick"], preset="quick", rounds=3, within=within)
    return Plan("s", (SMALL, LARGE, ABSENT), protocol, View())


def test_a_row_shows_what_a_case_takes_or_why_it_is_not_measured():
    grid, _ = plan_document(plan(), ESTIMATES).blocks
    assert [row[1:] for row in grid.rows] == [
        ("3", "500 MB", "7", "30 s", "fits"),
        ("–", "16.0 GB", "7", "–", "skipped: needs more"),
        ("–", "–", "–", "–", "unsupported: not installed"),
    ]


@pytest.mark.parametrize(
    ("free", "fits"), [(None, "unknown whether it fits"), (1, "does not fit; forced"), (500_000_000, "fits")]
)
def test_memory_is_compared_with_what_is_free(free, fits):
    grid, _ = plan_document(plan(), [msgspec.structs.replace(ESTIMATES[0], free=free)]).blocks
    assert grid.rows[0][-1] == fits


@pytest.mark.parametrize(
    ("within", "text", "seconds"),
    [
        (0.0, "1 of 3 cases in 3 rounds (preset quick), about 30 s.", 30),
        (240.0, "1 of 3 cases in 3 or more rounds (preset quick), in 4 min.", 240),
        (20.0, "1 of 3 cases in 1 or more rounds (preset quick), in 20 s.", 20),
        (5.0, "(preset quick), about 10 s: a first round of all cases takes longer than 5 s.", 10),
    ],
)
def test_the_sum_is_of_the_rounds_that_the_time_allows(within, text, seconds):
    made = plan_document(plan(within), ESTIMATES)
    assert text in made.blocks[1].texts[0]
    assert made.data["seconds"] == seconds


def test_values_keep_every_case_with_its_id():
    cases = plan_document(plan(), ESTIMATES).data["cases"]
    assert [each["status"] for each in cases] == ["run", "skipped", "unsupported"]
    assert len({each["case_id"] for each in cases}) == 3
    assert (cases[0]["needed"], cases[0]["free"], cases[2]["needed"]) == (500_000_000, 8_000_000_000, None)
