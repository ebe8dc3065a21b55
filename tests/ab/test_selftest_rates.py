"""What comparisons whose truth is known say about the tool."""

import pytest

from embbench.ab.decision import last_share
from embbench.ab.selftest import conclude, contests, held, launch_seconds
from embbench.ab.sides import Party
from embbench.analysis.compare.comparison import Comparison, Evidence, SideValues
from embbench.stats.power import power
from tests.made_up import case, measured

PARTY = Party(case(), None, ("python",), {})


def compared(name, verdict, deviation=0.01, launches=9):
    evidence = Evidence(0.5, 0.5, 0.5, deviation, (0.5, 0.5, 0.5), 1)
    side = SideValues("ok", launches, (0.1,) * launches)
    return Comparison(
        name=name, case_id="x", case=case(), metric="step_time", threshold=0.025, base=side, candidate=side,
        ratio=None, verdict=verdict, reason="noise", evidence=evidence,
    )  # fmt: skip


def test_equal_and_slowed_comparisons_take_turns_and_are_told_apart():
    found = contests(PARTY, 3, 0.05)
    assert [each.name for each in found] == ["A/A 1", "A/B 1", "A/A 2", "A/B 2", "A/A 3", "A/B 3"]
    assert len({each.key for each in found}) == 6
    assert {each.base.slowdown for each in found} == {0.0}
    assert [each.head.slowdown for each in found] == [0.0, 0.05] * 3


def test_rates_are_counted_by_what_was_true():
    found = [
        compared("A/A 1", "same"), compared("A/A 2", "improvement"), compared("A/A 3", "inconclusive"),
        compared("A/B 1", "regression"), compared("A/B 2", "inconclusive"), compared("A/B 3", "regression"),
    ]  # fmt: skip
    trust = conclude(found, 18, 0.01)
    assert (trust.alarms.center, trust.alarms.n) == (pytest.approx(1 / 3), 3)
    assert trust.seen.center == pytest.approx(2 / 3)
    assert trust.undecided.center == pytest.approx(2 / 6)
    assert trust.deviation.center == pytest.approx(0.01)


def test_the_smallest_slowdown_is_seen_in_nine_of_ten():
    trust = conclude([compared("A/A 1", "same"), compared("A/B 1", "regression")], 18, 0.01)
    assert power(trust.smallest.center, 0.025, 0.01, 18, 0.01 * last_share()) == pytest.approx(0.9, abs=1e-3)
    assert trust.smallest.low < trust.smallest.center < trust.smallest.high


def test_nothing_told_is_nothing_claimed():
    trust = conclude([compared("A/A 1", "same", launches=1)], 18, 0.01)
    assert (trust.seen, trust.deviation, trust.smallest) == (None, None, None)


def test_what_could_not_be_compared_is_no_comparison():
    found = [compared("A/A 1", "same"), compared("A/A 2", "incomparable"), compared("A/B 1", "regression")]
    assert conclude(found, 18, 0.01).alarms.n == 1


def test_a_budget_that_ends_before_the_first_look_sees_nothing():
    assert conclude([compared("A/A 1", "same"), compared("A/B 1", "inconclusive")], 0, 0.01).smallest is None


@pytest.mark.parametrize(("seconds", "launches"), [(2.0, 18), (5.0, 12), (10.0, 6), (20.0, 3), (21.0, 0), (1000.0, 0)])
def test_launches_that_the_budget_allows(seconds, launches):
    assert held(seconds, 60.0) == launches


def test_the_gap_of_an_interruption_is_no_launch():
    starts = ["2026-01-05T10:00:00Z", "2026-01-05T10:00:02Z", "2026-01-05T10:00:03Z", "2026-01-05T11:00:00Z"]
    rounds = [measured(case(), [0.1], started=start)[0] for start in starts]
    assert launch_seconds(rounds) == 1.5
