"""From values to verdicts."""

import pytest

from embbench.analysis.compare.decide import Decided, FoundShift, decide, decide_exact, find_shift

QUIET = [1.000, 1.002, 0.999, 1.001, 1.000]


def decision_of(base, candidate, threshold=0.05, together=False, **treatment):
    ratios = [after / before for before, after in zip(base, candidate, strict=True)] if together else []
    found = find_shift(base, candidate, threshold, ratios, **treatment)
    return decide([found])[0] if isinstance(found, FoundShift) else found


def times(factor):
    return [value * factor for value in QUIET]


@pytest.mark.parametrize(
    ("factor", "verdict", "reason"),
    [
        (1.2, "regression", "shown"),
        (0.8, "improvement", "shown"),
        (1.0, "same", "within"),
        (1.05, "inconclusive", "noise"),
    ],
)
def test_times(factor, verdict, reason):
    decided = decision_of(QUIET, times(factor))
    assert (decided.verdict, decided.reason) == (verdict, reason)
    assert decided.ratio.center == pytest.approx(factor)
    assert decided.ratio.low < factor < decided.ratio.high


@pytest.mark.parametrize(("factor", "verdict"), [(1.2, "improvement"), (0.8, "regression"), (1.0, "same")])
def test_a_rate_is_worse_where_it_is_lower(factor, verdict):
    decided = decision_of(QUIET, times(factor), higher=True)
    assert decided.verdict == verdict
    assert decided.ratio.center == pytest.approx(factor)
    assert decided.evidence.worse == pytest.approx(decision_of(QUIET, times(factor)).evidence.better)
    assert decide_exact([1.0, 1.0], [factor, factor], 0.05, higher=True).verdict == verdict


def test_what_no_clock_gave_may_be_the_same_in_every_round_and_0():
    assert decision_of([208.0] * 3, [208.0] * 3, clock=False).verdict == "same"
    assert decision_of([208.0] * 3, [260.0] * 3, clock=False).verdict == "regression"
    assert decision_of([0.0, 0.0], [1.0, 2.0], clock=False).reason == "zero"
    assert decision_of([-1.0, 0.0], [1.0, 2.0], clock=False).reason == "bad-samples"


def test_a_machine_that_slows_down_hits_both_sides_of_a_launch_alike():
    drifting = [1.0, 1.3, 1.8, 2.6, 3.9]
    slower = [value * factor for value, factor in zip(drifting, [1.10, 1.11, 1.09, 1.10, 1.105], strict=True)]
    assert decision_of(drifting, slower, together=True).verdict == "regression"
    assert decision_of(drifting, slower, together=False).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("base", "candidate", "verdict", "reason"),
    [
        ([1.0], QUIET, "inconclusive", "few-rounds"),
        (QUIET, [1.5], "inconclusive", "few-rounds"),
        ([1.0, 1.0, 1.0], times(2), "incomparable", "no-spread"),
        (QUIET, [1.0, 0.0, 1.0], "incomparable", "bad-samples"),
        (QUIET, [1.0, -1.0, 1.0], "incomparable", "bad-samples"),
    ],
)
def test_what_allows_no_test(base, candidate, verdict, reason):
    decided = decision_of(base, candidate)
    assert (decided.verdict, decided.reason) == (verdict, reason)


def test_many_cases_are_decided_together():
    """Alone, the first would be called; among a hundred that differ by chance, it is not."""
    base, candidate = [1.00, 1.01, 0.99], [1.10, 1.115, 1.09]
    found = find_shift(base, candidate, 0.05)
    same = find_shift(QUIET, times(1.0), 0.05)
    assert decide([found])[0].verdict == "regression"
    assert decide([found, *[same] * 99])[0].verdict == "inconclusive"


@pytest.mark.parametrize(
    ("base", "candidate", "verdict"),
    [
        ([1000, 1004], [1015, 1020], "regression"),
        ([1015, 1020], [1000, 1004], "improvement"),
        ([1000, 1001], [1001, 1002], "same"),
        ([1000, 1010], [1005, 1030], "inconclusive"),
        ([0, 0], [0, 0], "same"),
        ([0, 0], [1, 1], "regression"),
        ([1000], [1010], "regression"),
    ],
)
def test_bytes_and_counts(base, candidate, verdict):
    assert decide_exact(base, candidate, 0.005).verdict == verdict


def test_one_per_cent_more_memory_is_always_seen():
    for peak in range(1_000_000, 1_000_000_000, 99_999_999):
        assert decide_exact([peak] * 3, [round(peak * 1.01)] * 3, 0.005).verdict == "regression"


def test_no_verdict_without_evidence():
    assert isinstance(find_shift([1.0, 1.0], [2.0, 2.0], 0.05), Decided)
