"""Sessions with made-up launches on a virtual clock: what is launched, saved, gone on with, and given up."""

import pytest

from embbench.ab.session import taking_turns
from embbench.ab.sides import contests, local_party
from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.errors import UsageError
from embbench.launch.preflight import FreeMemory, predicted_bytes
from embbench.store.journal import read_rounds
from tests.ab.launchers import NUMPY, BackwardsLauncher, KillingLauncher, Launcher, scattered


def test_every_launch_is_saved_on_both_sides(play, clock, tmp_path):
    launcher = Launcher(clock, lambda index: 1.3)
    _, notes = play(launcher)
    assert notes.verdicts == ["regression"]
    sides = [read_rounds([tmp_path / f"{name}.jsonl"])[0] for name in ("base", "head")]
    assert [len(side) for side in sides] == [len(launcher.asked)] * 2
    assert [one.launch for one in sides[0]] == [other.launch for other in sides[1]]
    assert {one.case.update for one in sides[0]} == {"default"}


def test_a_clock_that_goes_back_is_no_comparison(play, clock):
    outcome, notes = play(BackwardsLauncher(clock))
    assert notes.verdicts == ["incomparable"]
    assert [each.reason for each in outcome.comparisons] == ["bad-samples"]


def test_a_launch_that_a_signal_from_outside_ended_is_made_once_more(play, clock, tmp_path):
    stops = [iter([False] * 3 + [True]) for _ in range(2)]
    play(KillingLauncher(clock), stopped=lambda: next(stops[0]))
    again = KillingLauncher(clock)
    play(again, stopped=lambda: next(stops[1]))
    assert [index for index, _ in again.asked] == [1]
    whole = Launcher(clock)
    play(whole)
    assert 1 not in [index for index, _ in whole.asked]
    rounds = read_rounds([tmp_path / "head.jsonl"])[0]
    assert [line.status for line in rounds if line.round == 1] == ["crash", "crash"]


def test_the_sides_take_the_first_turn_by_turns(play, clock):
    launcher = Launcher(clock)
    play(launcher)
    assert [update for _, update in launcher.asked][:3] == ["default", "sparse", "default"]


def test_sides_of_a_launch_hash_alike_and_launches_do_not(play, clock):
    launcher = Launcher(clock)
    play(launcher)
    assert all(one == other and one is not None for one, other in launcher.seeds)
    assert len(set(launcher.seeds)) == len(launcher.seeds) > 1


def test_the_same_command_goes_on_with_what_is_saved(play, clock):
    stops = iter([False, False, False, True])
    first = Launcher(clock, scattered)
    outcome, _ = play(first, stopped=lambda: next(stops))
    assert (outcome.interrupted, outcome.comparisons) == (True, ())
    again = Launcher(clock, scattered)
    outcome, notes = play(again)
    assert again.asked[0][0] == 3
    assert notes.verdicts == ["regression"]
    third = Launcher(clock)
    assert play(third)[1].verdicts == ["regression"]
    assert third.asked == []


def test_launches_tell_how_many_sessions_came_before_theirs(play, clock, tmp_path):
    """So that each last look has its share of alpha, and no more: 2, 2 and the other launches of three sessions."""
    noisy = lambda index: 1.06 + 0.03 * (-1) ** index  # noqa: E731
    for _ in range(2):
        stops = iter([False, False, True])
        play(Launcher(clock, noisy), stopped=lambda stops=stops: next(stops))
    play(Launcher(clock, noisy))
    for side in ("base", "head"):
        told = [line.conditions.get("resumed", 0) for line in read_rounds([tmp_path / f"{side}.jsonl"])[0]]
        assert told[:4] == [0, 0, 1, 1]
        assert set(told[4:]) == {2}


def test_an_interrupted_launch_is_not_saved(play, clock, tmp_path):
    outcome, _ = play(Launcher(clock, lambda index: "interrupted"))
    assert outcome.interrupted
    assert not (tmp_path / "base.jsonl").exists()


def test_time_that_is_up_ends_undecided_and_never_in_a_regression(play, clock):
    launcher = Launcher(clock, lambda index: 1.1 + 0.3 * (index % 2), seconds=20.0)
    _, notes = play(launcher, budget=130.0)
    assert len(launcher.asked) == 6
    assert notes.verdicts == ["inconclusive"]
    assert notes.texts == []


class SlowFirst(Launcher):
    """Whose first launch takes longer, as where both sides are checked."""

    def execute(self, one, other, timeout, on_phase):
        self.clock.now += 0.0 if self.asked else 12.0
        return super().execute(one, other, timeout, on_phase)


def test_how_long_a_launch_takes_is_not_told_by_the_first(play, clock):
    launcher = SlowFirst(clock, lambda index: 1.1 + 0.3 * (index % 2), seconds=8.0)
    play(launcher, budget=60.0)
    assert len(launcher.asked) == 6  # 20 s and five of 8 s


def test_a_budget_that_holds_the_first_look_is_enough(play, clock):
    _, notes = play(SlowFirst(clock, lambda index: 1.3, seconds=8.0), budget=36.0)
    assert notes.texts == []


def test_a_budget_that_is_too_little_is_told_of(play, clock):
    _, notes = play(Launcher(clock, lambda index: 1.3, seconds=20.0), budget=50.0)
    (told,) = notes.texts
    assert told.endswith("a launch takes 20 s, so 50 s are too short to detect a change; use --budget 60 or more")


def test_the_same_command_decides_what_had_no_time_before(play, clock):
    for verdict in ("inconclusive", "regression"):
        launcher = Launcher(clock, lambda index: 1.3 + 0.3 * (index % 2), seconds=20.0)
        _, notes = play(launcher, budget=60.0)
        assert (len(launcher.asked), notes.verdicts) == (3, [verdict])


def test_a_program_is_checked_once(play, clock):
    """The arithmetic of each side, in its first launch; and again where no launch came to its end."""
    launcher = Launcher(clock)
    play(launcher)
    assert [set(each.values()) for each in launcher.checked] == [{False}] + [{True}] * (len(launcher.asked) - 1)
    crashing = Launcher(clock, lambda index: "crash" if index == 0 else 1.3)
    play(crashing, vocabs=(2000,))
    assert [each["default"] for each in crashing.checked][:3] == [False, False, True]
    assert [each["sparse"] for each in crashing.checked][:3] == [False, False, True]


def test_two_launches_are_made_however_long_they_take(play, clock):
    launcher = Launcher(clock, seconds=1000.0)
    play(launcher, budget=10.0)
    assert len(launcher.asked) == 2


def test_a_head_that_always_crashes_broke(play, clock):
    launcher = Launcher(clock, lambda index: "crash")
    _, notes = play(launcher)
    assert (notes.verdicts, len(launcher.asked)) == (["broke"], 2)


def test_short_of_memory_for_both_they_run_apart(play, clock):
    launcher = Launcher(clock)
    needed = predicted_bytes(make_case({"contender": "numpy", "vocab": 1000}), NUMPY.declaration)
    _, notes = play(launcher, room=FreeMemory(host=lambda: needed * 3 // 2, devices=list))
    assert launcher.asked == []
    assert len(notes.apart) > 1
    assert "one after the other" in notes.texts[0]


def test_a_side_that_cannot_start_is_said_without_a_launch(play, clock):
    launcher = Launcher(clock)
    outcome, notes = play(launcher, room=FreeMemory(host=lambda: 1000, devices=list))
    assert launcher.asked == []
    assert notes.verdicts == ["incomparable"]
    assert "are free" in outcome.comparisons[0].causes[0]


def test_each_case_is_decided_on_its_own(play, clock):
    _, notes = play(Launcher(clock), vocabs=(1000, 2000))
    assert notes.verdicts == ["same", "same"]


def test_sides_with_other_numbers_of_cases():
    parties = [local_party(make_case({"contender": "numpy", "vocab": vocab}), NUMPY, ()) for vocab in (1000, 2000)]
    with pytest.raises(UsageError, match="base has 2 cases and head has 1"):
        contests(parties, parties[:1])


def test_sides_that_take_turns_measure_nothing_besides():
    protocol = taking_turns(Protocol(phases=True, training=True))
    assert not protocol.phases
    assert not protocol.training


def test_a_side_is_checked_in_a_launch_that_both_sides_end_well(play, clock):
    """What is compared are launches of which both sides have a number: one of those must have been checked."""
    launcher = Launcher(clock, lambda index: "crash" if index == 0 else 1.3)
    outcome, _ = play(launcher)
    assert [each["default"] for each in launcher.checked][:3] == [False, False, True]
    assert [each.verdict for each in outcome.comparisons] == ["regression"]


def test_what_the_last_launch_decided_stays_decided(play, clock):
    """The same command makes no launch, and says the same."""
    noisy = lambda index: 1.06 + 0.03 * (-1) ** index  # noqa: E731
    first = play(Launcher(clock, noisy), budget=1000.0)[1].verdicts
    again = Launcher(clock, noisy)
    assert play(again, budget=1000.0)[1].verdicts == first
    assert again.asked == []
