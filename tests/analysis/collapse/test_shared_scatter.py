"""Times whose intervals rest on how far all cases of the machine scatter."""

import pytest
from msgspec import structs

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.stats.effects import ratio
from embbench.stats.scatter import Scatter
from embbench.stats.summary import summarize
from tests.made_up import MACHINE, case, measured, values

TIMES = ([0.100, 0.110, 0.104], [0.0210, 0.0200, 0.0204], [0.0300, 0.0320, 0.0290])
CASES = (case(), case("frozen"), case(update="sparse"))


def results_of(times=TIMES, **fields):
    """One Result a case."""
    return collapse(
        [line for given, each in zip(CASES, times, strict=True) for line in measured(given, each, **fields)]
    )


def expected(times=TIMES):
    return Scatter([dict(enumerate(each)) for each in times])


def test_a_level_has_the_interval_that_all_cases_share_around_its_median():
    results = results_of()
    measures = Measures(results)
    for at, result in enumerate(results):
        summary = measures.summary(result, "step_time")
        low, high = expected().level(at)
        assert (summary.center, summary.n) == (sorted(TIMES[at])[1], 3)
        assert (summary.low, summary.high) == pytest.approx((low, high))


def test_a_ratio_has_the_interval_that_all_cases_share_around_the_median_within_rounds():
    reference, frozen, _ = results = results_of()
    found = Measures(results).ratio(frozen, reference, "step_time")
    assert found.center == pytest.approx(sorted(a / b for a, b in zip(TIMES[1], TIMES[0], strict=True))[1])
    assert (found.low, found.high) == pytest.approx(expected().ratio(1, 0))
    assert found.n == 3


def test_where_rounds_make_no_pairs_on_one_side_the_ratio_is_that_of_the_medians():
    times = ([0.100, 0.110, 0.104, 0.102, 0.105], *TIMES[1:])
    reference, frozen, _ = results = results_of(times)
    measures = Measures(results)
    found = measures.ratio(frozen, reference, "step_time")
    assert found.center == pytest.approx(0.0204 / 0.104)
    assert (found.low, found.high) == pytest.approx(expected(times).ratio(1, 0))
    assert found.n == 3
    assert measures.apart(frozen, reference, "step_time")


def test_bounds_contain_a_median_that_the_mean_of_logarithms_leaves():
    times = ([1.0, 1.0, 1.0, 1.0, 90.0], [2.0] * 5, [3.0] * 5)
    summary = Measures(results := results_of(times)).summary(results[0], "step_time")
    assert summary.low <= summary.center == 1.0 <= summary.high


def test_one_case_of_several_rounds_has_its_own_interval():
    results = results_of((TIMES[0], TIMES[1][:1], TIMES[2][:1]))
    measures = Measures(results)
    assert measures.scatter(results[0].machine, "step_time") is None
    assert measures.summary(results[0], "step_time") == summarize(TIMES[0])
    assert measures.summary(results[1], "step_time").low is None


def test_a_case_of_one_round_has_the_interval_of_three_others():
    cases = (*CASES, case(update="fused"))
    times = (*TIMES, [0.0700])
    lines = [line for given, each in zip(times, cases, strict=True) for line in measured(each, given)]
    reference, _, _, alone = results = collapse(lines)
    measures, shared = Measures(results), Scatter([dict(enumerate(each)) for each in times])
    summary, ratio = measures.summary(alone, "step_time"), measures.ratio(alone, reference, "step_time")
    assert (summary.center, summary.n, summary.lent) == (0.07, 1, True)
    assert (summary.low, summary.high) == pytest.approx(shared.level(3))
    assert ratio.center == pytest.approx(0.07 / 0.104)
    assert (ratio.low, ratio.high) == pytest.approx(shared.ratio(3, 0))
    assert ratio.n == 1
    assert measures.apart(alone, reference, "step_time")
    assert not measures.summary(reference, "step_time").lent
    two = Measures(collapse([line for line in lines if line.case != cases[2]]))
    assert two.summary(alone, "step_time").low is None


def test_samples_that_spread_widen_the_interval_of_rounds_that_agree():
    lines = [line for given, each in zip(TIMES, CASES, strict=True) for line in measured(each, given)]
    wild = [values("step_time", *(seconds * by for by in (0.7, 1.0, 1.5))) for seconds in TIMES[0]]
    for line, samples in zip(lines, wild, strict=False):
        line.metrics["step_time"] = samples
    results = collapse(lines)
    found, calm = (
        [Measures(each).summary(result, "step_time").relative for result in each] for each in (results, results_of())
    )
    assert found[0] > 2 * calm[0]
    assert found[1:] == calm[1:]


def test_what_is_no_time_keeps_its_own_interval():
    results = results_of()
    measures = Measures(results)
    assert measures.scatter(results[0].machine, "host_peak") is None
    assert measures.summary(results[0], "host_peak") == summarize([1e9, 1e9 + 4096, 1e9 + 8192])


def test_a_case_with_a_time_of_zero_takes_no_part():
    lines = measured(CASES[0], [0.1, 0.11]) + measured(CASES[1], [0.02, 0.021]) + measured(CASES[2], [0.03, 0.03])
    lines[0].metrics["warmup_time"] = values("warmup_time", 0.0)
    for line, seconds in zip(lines[1:], (0.3, 0.4, 0.5, 0.6, 0.7), strict=True):
        line.metrics["warmup_time"] = values("warmup_time", seconds)
    one, *others = results = collapse(lines)
    measures = Measures(results)
    assert measures.summary(one, "warmup_time") == summarize([0.0, 0.3])
    shared = Scatter([dict(enumerate(each)) for each in ((0.4, 0.5), (0.6, 0.7))])
    summary = measures.summary(others[0], "warmup_time")
    assert (summary.low, summary.high) == pytest.approx(shared.level(0))


def test_another_machine_has_a_scatter_of_its_own():
    here = [line for given, each in zip(CASES, TIMES, strict=True) for line in measured(given, each)]
    other = {**MACHINE, "cpu": "Another CPU", "fingerprint": "ffff"}
    there = measured(CASES[0], [0.1, 0.9, 0.2], machine=other) + measured(CASES[1], [0.5, 0.1, 0.9], machine=other)
    measures, alone = Measures(results := collapse([*here, *there])), Measures(collapse(here))
    for result, known in zip(results, alone._results.values(), strict=False):
        assert measures.summary(result, "step_time") == alone.summary(known, "step_time")


def test_rounds_that_do_not_say_when_they_were_measured_share_no_visit():
    slower = (1.0, 2.0, 3.0)
    times = [[value * by for value, by in zip(each, slower, strict=True)] for each in TIMES]
    reference, frozen, _ = results = results_of(times, started="")
    measures = Measures(results)
    top, bottom = (measures.summary(each, "step_time") for each in (frozen, reference))
    assert measures.ratio(frozen, reference, "step_time") == ratio(top, bottom)
    apart = Scatter([{(at, visit): value for visit, value in enumerate(each)} for at, each in enumerate(times)])
    assert (top.low, top.high) == pytest.approx(apart.level(1))


def test_results_that_are_not_ok_tell_nothing():
    results = results_of()
    broken = structs.replace(results[2], status="invalid")
    measures = Measures([*results[:2], broken])
    low, high = expected(TIMES[:2]).level(0)
    summary = measures.summary(results[0], "step_time")
    assert (summary.low, summary.high) == pytest.approx((low, high))


def test_more_rounds_of_one_case_narrow_what_it_takes_part_in():
    reference, frozen, sparse = results = results_of()
    scatter = Measures(results).scatter(reference.machine, "step_time")
    level, more = (scatter.bounds(frozen, None, extra) for extra in (None, {id(frozen): 6}))
    assert level[0] < more[0] < more[1] < level[1]
    before, after = (scatter.bounds(frozen, reference, extra) for extra in (None, {id(reference): 6}))
    assert before[0] < after[0] < after[1] < before[1]
    assert scatter.bounds(sparse, None, {id(frozen): 6}) == scatter.bounds(sparse)
