"""Why a case costs what it does, in numbers."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import choose, explain
from embbench.cases.declared import Declared
from tests.made_up import case, ceilings, failed, measured, sweep, values


def explained(rounds, rates=None, index=None):
    results = collapse(rounds)
    measures = Measures(results)
    chosen = choose(results, measures) if index is None else results[index]
    return explain(chosen, results, measures, rates, lambda result: Declared(semantic="dense", passes=19))


def test_the_obvious_path_at_its_largest_is_explained():
    told = explained(sweep())
    assert told.case == case(vocab=2_000_000)
    assert told.growth.grows
    assert told.growth.share(2_000_000).center == pytest.approx(0.993, abs=0.01)
    assert told.frozen.grows is False


def test_passes_are_measured_derived_and_what_the_kernel_takes():
    told = explained(sweep(), ceilings())
    measured = 1.05e-6 * 10e9 / 512
    assert told.passes.measured.center == pytest.approx(measured, rel=0.02)
    assert told.passes.derived == 19
    assert told.passes.kernel.center == pytest.approx(0.1 * measured, rel=0.02)
    assert told.passes.unexplained == pytest.approx(0.9 * measured - 19, abs=0.5)
    assert told.passes.roots is None


def test_the_rounds_own_rates_count_before_the_ceilings():
    rounds = sweep()
    for each in rounds:
        each.metrics["update_rate"] = values("update_rate", 5e9, 5e9, 5e9)
    for rates in (None, ceilings()):
        told = explained(rounds, rates)
        assert told.passes.measured.center == pytest.approx(1.05e-6 * 5e9 / 512, rel=0.02)


def test_steps_to_the_same_loss_are_compared_and_what_does_not_get_there_is_told():
    rounds = [each for each in sweep() if each.case.update != "compact"]
    (unknown,) = measured(case(update="compact", vocab=2_000_000), [0.0169])
    told = explained([*rounds, unknown])
    assert told.steps.center == 208
    known = {each.result.case.update: each for each in told.alternatives}
    assert (known["fused"].steps.center, known["sparse"].steps.center) == pytest.approx((1.0, 225 / 208))
    assert (known["none"].steps, known["none"].learns) == (None, False)
    assert (known["compact"].steps, known["compact"].learns) == (None, True)


def test_what_was_trained_in_small_holds_for_every_size():
    rounds = sweep()
    for each in rounds:
        if each.case.vocab < 2_000_000:
            del each.metrics["unreached_loss" if each.case.table == "frozen" else "steps_to_loss"]
    told = explained(rounds, index=next(n for n, each in enumerate(collapse(rounds)) if each.case == case()))
    assert told.case.vocab == 200_000
    assert told.steps.center == 208
    (frozen,) = told.alternatives
    assert not frozen.learns


def test_without_ceilings_no_pass_and_no_floor_is_told():
    told = explained(sweep())
    assert (told.passes, told.least, told.lazy) == (None, None, None)


def test_the_floor_is_that_of_the_class_and_of_the_rows():
    told = explained(sweep(), ceilings())
    assert told.least.update > 50 * told.lazy.update
    assert told.least.lookup == told.lazy.lookup


def test_alternatives_are_of_the_same_size_and_the_fastest_comes_first():
    told = explained(sweep())
    assert [each.result.case.update for each in told.alternatives] == ["none", "compact", "sparse", "fused"]
    assert told.alternatives[0].gain.center == pytest.approx(2.09 / 0.0139, rel=0.02)


def test_what_was_measured_elsewhere_is_no_alternative():
    other = measured(case(update="fused", vocab=2_000_000), [0.1], machine={"fingerprint": "ffffffff"})
    told = explained([*measured(case(vocab=2_000_000), [1.0]), *other])
    assert told.alternatives == ()


def test_nothing_with_a_number_is_nothing_to_explain():
    results = collapse([failed(case(), "timeout", "too slow")])
    assert choose(results, Measures(results)) is None
