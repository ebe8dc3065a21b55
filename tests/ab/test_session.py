"""Sessions with made-up launches on a virtual clock: what is launched, saved, gone on with, and given up."""

import msgspec
import pytest

from embbench.ab.session import Session, carry_out, taking_turns
from embbench.ab.sides import contests, local_party
from embbench.compare.judge import Terms
from embbench.contenders import discover
from embbench.errors import UsageError
from embbench.host.machine import machine_facts
from embbench.launch.preflight import Room, predicted_bytes
from embbench.spec.case import make_case
from embbench.spec.protocol import PRESETS, Protocol
from embbench.store.journal import Journal, read_rounds
from tests.made_up import failed, measured, values

PLENTY = Room(host=lambda: 10**12, devices=list)
STEPS = (0.1, 0.1001, 0.0999, 0.1)
NUMPY = discover()["numpy"]


def scattered(index):
    """A slowdown that three launches do not show, and four do."""
    return 1.3 + 0.05 * (index % 2)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Launcher:
    """Answers at once; `ratio(index)` of the head's step to the base's, or a status."""

    def __init__(self, clock, ratio=lambda index: 1.0, seconds=4.0):
        self.clock, self.ratio, self.seconds, self.asked = clock, ratio, seconds, []
        self.seeds, self.checked = [], []

    def execute(self, one, other, timeout, on_phase):
        self.clock.now += self.seconds
        self.asked.append((one.request.round, one.request.case.update))
        self.checked.append({side.request.case.update: side.request.checked for side in (one, other)})
        self.seeds.append((one.request.hash_seed, other.request.hash_seed))
        return self._round(one), self._round(other)

    def _round(self, side):
        told = {name: getattr(side.request, name) for name in ("run", "suite", "protocol", "launch")}
        factor = self.ratio(side.request.round) if side.request.case.update == "sparse" else 1.0
        if isinstance(factor, str):
            return failed(side.request.case, factor, "why", side.request.round, **told)
        (made,) = measured(side.request.case, [0.1], **told)
        noise = 1 + 0.001 * (side.request.round % 3)
        samples = values("step_time", *(value * factor * noise for value in STEPS))
        metrics = {**made.metrics, "step_time": samples}
        return msgspec.structs.replace(made, round=side.request.round, metrics=metrics)


class BackwardsLauncher(Launcher):
    """Whose clock went back in the head."""

    def _round(self, side):
        made = super()._round(side)
        if side.request.case.update == "sparse":
            made = msgspec.structs.replace(made, metrics={**made.metrics, "step_time": values("step_time", 0.1, -0.1)})
        return made


class KillingLauncher(Launcher):
    """Whose head is ended by a signal from outside in launch 1."""

    def _round(self, side):
        if side.request.case.update == "sparse" and side.request.round == 1:
            told = {name: getattr(side.request, name) for name in ("run", "suite", "protocol", "launch")}
            conditions = {"phase": "measure", "signal": "SIGKILL"}
            return failed(side.request.case, "crash", "killed by SIGKILL", 1, conditions=conditions, **told)
        return super()._round(side)


class Notes:
    def __init__(self):
        self.texts, self.verdicts = [], []

    def begin(self, contest, made): ...
    def phase(self, name): ...
    def end(self, contest, launch): ...

    def decided(self, comparisons):
        self.verdicts += [each.verdict for each in comparisons]

    def note(self, text):
        self.texts.append(text)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def play(tmp_path, clock):
    def go(launcher, budget=200.0, room=PLENTY, stopped=lambda: False, vocabs=(1000,)):
        """(outcome, observer)"""
        parties = [
            [local_party(make_case({"contender": "numpy", "update": update, "vocab": vocab, "threads": 1}), NUMPY, ())
             for vocab in vocabs]
            for update in ("default", "sparse")
        ]  # fmt: skip
        terms = Terms({"step_time": 0.05}, frozenset({"class"}))
        session = Session("run", tuple(contests(*parties)), PRESETS["quick"], terms, budget, machine_facts(), room)
        notes, apart = Notes(), Launcher(clock, launcher.ratio)
        with Journal(tmp_path / "base.jsonl") as base, Journal(tmp_path / "head.jsonl") as head:
            outcome = carry_out(session, (base, head), launcher, apart, notes, stopped, clock)
        notes.apart = apart.asked
        return outcome, notes

    return go


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


def test_a_budget_that_is_too_little_is_told_of_behind_the_first_launch(play, clock):
    _, notes = play(Launcher(clock, lambda index: 1.3, seconds=20.0), budget=50.0)
    (told,) = notes.texts
    assert told.endswith("a launch takes 20 s, so that 50 s are too few to show a change: give it --budget 60 or more")


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
    _, notes = play(launcher, room=Room(host=lambda: needed * 3 // 2, devices=list))
    assert launcher.asked == []
    assert len(notes.apart) > 1
    assert "one after the other" in notes.texts[0]


def test_a_side_that_cannot_start_is_said_without_a_launch(play, clock):
    launcher = Launcher(clock)
    outcome, notes = play(launcher, room=Room(host=lambda: 1000, devices=list))
    assert launcher.asked == []
    assert notes.verdicts == ["incomparable"]
    assert "are free" in outcome.comparisons[0].note


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
