"""What is not sharp enough, and which round tells most of it."""

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.suite import View
from embbench.report.sharpness import DECISIVE, RATIO, TIME, Sharpness, references
from tests.made_up import case, failed, in_state, in_turn, measured

DEFAULT, FROZEN, SPARSE = case(), case("frozen"), case(update="sparse")
STEADY = [1.0, 1.01, 0.99, 1.0]


def sharpness(*rounds, view=None):
    results = collapse([line for lines in rounds for line in lines])
    return Sharpness(results, Measures(results), references(view or View(), results, (), ()))


def ids(*cases):
    return [measured(each, [1.0])[0].case_id for each in cases]


def seconds(**more):
    return dict.fromkeys(ids(DEFAULT, FROZEN, SPARSE), 1.0) | more


def spread(level, by, rounds=3):
    """Values around a level that scatter by a factor."""
    return [level * by**power for power in ([0, 1, -1] * rounds)[:rounds]]


def test_what_is_known_well_enough_needs_nothing():
    found = sharpness(*(measured(each, STEADY) for each in (DEFAULT, FROZEN, SPARSE)))
    assert [(each.result.case, each.against and each.against.case) for each in found.all] == [
        (DEFAULT, None),
        (FROZEN, None),
        (FROZEN, DEFAULT),
        (SPARSE, None),
        (SPARSE, DEFAULT),
    ]
    assert found.wide == []
    assert found.next_visit(seconds(), 1e9) == []


def test_a_time_and_a_ratio_have_targets_of_their_own():
    found = sharpness(measured(DEFAULT, spread(1.0, 1.1)), measured(FROZEN, spread(0.2, 1 / 1.1)))
    assert {each.target for each in found.all if each.against is None} == {TIME}
    times = [each for each in found.all if each.against is None]
    (ratio,) = [each for each in found.all if each.against is not None]
    assert all(0.15 < each.half < 0.30 for each in times)
    assert ratio.target == RATIO
    assert ratio.half > RATIO
    assert found.wide == [ratio]


def test_the_widest_stands_first_and_what_has_no_interval_is_wide():
    found = sharpness(measured(DEFAULT, [1.0]), measured(FROZEN, STEADY), measured(SPARSE, STEADY))
    assert [(each.result.case, each.half) for each in found.wide if each.half is None] == [
        (FROZEN, None),
        (SPARSE, None),
        (DEFAULT, None),
    ]


def test_the_case_that_scatters_is_visited():
    wild = measured(SPARSE, spread(1.0, 2.0))
    found = sharpness(measured(DEFAULT, STEADY), measured(FROZEN, STEADY), wild)
    (sparse,) = ids(SPARSE)
    assert found.next_visit(seconds(), 1e9)[0] == sparse
    assert found.next_visit(seconds(), 0.5) == []
    cheap = found.next_visit(seconds(**{sparse: 1e6}), 1e9)
    assert cheap[0] != sparse


def test_a_case_without_a_round_in_the_usual_state_is_visited():
    usual = [in_state(line, 268, 272) for each in (DEFAULT, FROZEN) for line in measured(each, STEADY)]
    slow = [in_state(line, 465, 475) for line in measured(FROZEN, [1.4] * 4, run="run2")]
    (elsewhere,) = (in_state(line, 465, 475) for line in measured(SPARSE, [1.4]))
    found = sharpness(usual, slow, [elsewhere])
    (sparse,) = ids(SPARSE)
    assert [(each.result.case, each.half, each.timed) for each in found.wide] == [(SPARSE, None, False)]
    assert found.next_visit(seconds(), 1e9) == [sparse]


def test_a_reference_counts_for_all_that_is_against_it():
    others = [case(update=update) for update in ("fused", "sparse", "compact")]
    times = ([0.5, 0.6, 0.55], [0.6, 0.5, 0.52], [0.55, 0.5, 0.6])  # that go up and down each for itself
    wide = [measured(each, values) for each, values in zip(others, times, strict=True)]
    found = sharpness(measured(DEFAULT, [1.2, 1.1, 1.0]), *wide)
    (default, *_), every = ids(DEFAULT), dict.fromkeys(ids(DEFAULT, *others), 1.0)
    assert found.next_visit(every, 1e9)[0] == default


def test_a_pass_visits_each_case_once_and_fits_into_the_time():
    found = sharpness(*(measured(each, spread(1.0, 1.5)) for each in (DEFAULT, FROZEN, SPARSE)))
    for left in (0.0, 1.0, 2.5, 99.0):
        named = found.next_visit(seconds(), left)
        assert len(set(named)) == len(named) <= left
    assert 1 <= len(found.next_visit(seconds(), 99.0)) <= 3


def test_what_has_one_round_gets_another_first():
    found = sharpness(measured(DEFAULT, STEADY), measured(FROZEN, STEADY), measured(SPARSE, [1.0]))
    assert found.next_visit(seconds(), 9.0)[0] == ids(SPARSE)[0]


def test_one_case_alone_is_measured_until_it_is_sharp():
    found = sharpness(measured(DEFAULT, spread(1.0, 1.4)))
    assert found.next_visit(seconds(), 9.0) == ids(DEFAULT)
    assert sharpness(measured(DEFAULT, STEADY)).next_visit(seconds(), 9.0) == []
    assert sharpness(measured(DEFAULT, [1.0])).next_visit(seconds(), 9.0) == ids(DEFAULT)


def test_what_broke_or_cannot_be_measured_is_no_candidate():
    found = sharpness(measured(DEFAULT, spread(1.0, 2.0)), [failed(SPARSE, "crash", "killed")])
    assert {each.result.case for each in found.all} == {DEFAULT}
    assert found.next_visit(dict.fromkeys(ids(SPARSE), 1.0), 9.0) == []
    assert sharpness([failed(SPARSE, "crash", "killed")]).all == []


@pytest.mark.parametrize("view", [View(reference=""), View(row="update", col="table", reference="table=frozen")])
def test_ratios_are_those_of_the_table(view):
    found = sharpness(*(measured(each, STEADY) for each in (DEFAULT, FROZEN, SPARSE)), view=view)
    against = {each.against.case for each in found.all if each.against is not None}
    assert against == ({FROZEN} if view.reference else set())


def test_without_a_shared_scatter_another_round_counts_by_the_root_of_their_number():
    """Wide enough that no interval has an upper end."""
    found = sharpness(measured(DEFAULT, [1e-9, 1e9]), measured(FROZEN, [1e-9, 1e9]))
    assert found.wide
    assert set(found.next_visit(seconds(), 9.0)) <= set(ids(DEFAULT, FROZEN))


def test_a_ratio_of_steps_in_turn_needs_rounds_of_its_own_case_only():
    turned = [
        in_turn(line, DEFAULT, ratio) for line, ratio in zip(measured(SPARSE, STEADY[:3]), (0.4, 0.5, 0.6), strict=True)
    ]
    found = sharpness(measured(DEFAULT, STEADY), turned)
    (ratio,) = [each for each in found.all if each.against is not None]
    assert (ratio.turns, ratio.sides) == (True, (ratio.result,))
    assert found.wide == [ratio]
    assert found.next_visit(seconds(), 1e9) == ids(SPARSE)


def test_a_ratio_that_decides_must_be_known_better_and_comes_first():
    lines = [
        measured(DEFAULT, spread(1.0, 1.04)),
        measured(SPARSE, spread(0.5, 1 / 1.06)),
        measured(FROZEN, spread(0.2, 1.25)),
    ]
    results = collapse([line for several in lines for line in several])
    against = references(View(), results, (), ())
    usual = Sharpness(results, Measures(results), against)
    assert {each.result.case for each in usual.wide} == {FROZEN, SPARSE}
    decided = Sharpness(results, Measures(results), against, lambda result: result.case == SPARSE)
    assert [each.target for each in decided.all if each.against and each.result.case == SPARSE] == [DECISIVE]
    firsts = [each.next_visit(seconds(), 1e9)[0] for each in (usual, decided)]
    assert firsts == [ids(FROZEN)[0], ids(SPARSE)[0]]
