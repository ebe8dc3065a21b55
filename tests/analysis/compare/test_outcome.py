"""Two sets of rounds -> comparisons and an exit code."""

import msgspec
import pytest

from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import match
from embbench.analysis.compare.outcome import compare, exit_code, tally
from embbench.report.reasons import note_text
from embbench.store.round import Audit, Warning_
from tests.analysis.compare.two_sides import QUIET, SLOWER, TIME, base, candidate, only, told
from tests.made_up import MACHINE, SOFTWARE, case, failed, measured, values


def test_a_slower_candidate_is_a_regression():
    found = only(base(), candidate(SLOWER))
    assert (found.verdict, found.reason) == ("regression", "shown")
    assert found.ratio.center == pytest.approx(1.2)
    assert exit_code([found], strict=False) == 1


def test_the_same_code_passes():
    found = only(base(), candidate())
    assert found.verdict == "same"
    assert exit_code([found], strict=True) == 0


@pytest.mark.parametrize(
    ("one", "other", "verdict", "code"),
    [
        ("ok", "crash", "broke", 4),
        ("ok", "timeout", "broke", 4),
        ("ok", "invalid", "broke", 4),
        ("ok", "unsupported", "broke", 4),
        ("ok", "skipped", "incomparable", 5),
        ("crash", "ok", "fixed", 5),
        ("unsupported", "ok", "incomparable", 5),
        ("crash", "crash", "incomparable", 5),
    ],
)
def test_cases_without_numbers(one, other, verdict, code):
    sides = [
        measured(case(), QUIET) if status == "ok" else [failed(case(), status, "why", number) for number in range(3)]
        for status in (one, other)
    ]
    found = only(*sides)
    assert found.verdict == verdict
    assert "why" in note_text(found)
    assert exit_code([found], strict=False) == code


def test_a_candidate_that_crashes_now_and_then_never_passes():
    flaky = [*candidate(), failed(case(), "crash", "killed", 5, run="candidate")]
    assert told(base(), flaky) == ("inconclusive", "some-failed")
    assert told(flaky, base()) == ("same", "within")


def test_cases_of_one_side_only():
    other = measured(case(update="fused"), QUIET)
    found = compare(match([*base(), *other], candidate()), TIME)
    assert [(each.verdict, each.reason) for each in found] == [("same", "within"), ("removed", "absent")]
    assert exit_code(found, strict=False) == 0
    assert exit_code(found, strict=True) == 3
    (new,) = compare(match([], other), TIME)
    assert new.verdict == "new"


def test_nothing_in_common_is_not_a_pass():
    found = compare(match(base(), measured(case(update="fused"), QUIET)), TIME)
    assert tally(found) == {"removed": 1, "new": 1}
    assert exit_code(found, strict=False) == 5


def test_another_machine_is_not_compared():
    found = only(base(), candidate(SLOWER, machine={**MACHINE, "cpu": "Other", "fingerprint": "ffffffff"}))
    assert (found.verdict, found.reason) == ("incomparable", "machine")
    assert "cpu Example CPU @ 2.10GHz → Other" in note_text(found)
    assert found.ratio.center == pytest.approx(1.2)  # shown, not decided
    assert exit_code([found], strict=False) == 5


def test_what_two_machines_of_one_kind_say_of_times_is_capped_until_they_are_the_question():
    known = {**MACHINE, "quota": None, "limit": None}
    one, twin = ({**known, "id": name, "boot": name} for name in ("aaaaaaaa", "bbbbbbbb"))
    found = only(base(machine=one), candidate(SLOWER, machine=twin))
    assert (found.verdict, found.reason) == ("inconclusive", "twin")
    assert "machine 0a1b2c3d-aaaaaaaa → 0a1b2c3d-bbbbbbbb; to compare them anyway: --across twin" in note_text(found)
    assert exit_code([found], strict=False) == 5
    waived = CompareOptions({"step_time": 0.05}, frozenset({"twin"}))
    assert told(base(machine=one), candidate(SLOWER, machine=twin), waived) == ("regression", "shown")
    assert told(base(machine=one), candidate(SLOWER, machine=one)) == ("regression", "shown")
    peaks = CompareOptions({"host_peak": 0.05})  # of the program, on any machine of the kind
    assert only(base(machine=one), candidate(machine=twin), peaks).verdict == "same"


def test_another_quota_is_another_machine():
    one = {**MACHINE, "id": "aaaaaaaa", "boot": "b", "quota": 2.0, "limit": None}
    found = only(base(machine=one), candidate(machine={**one, "quota": 1.0, "fingerprint": "ffffffff"}))
    assert (found.verdict, found.reason) == ("incomparable", "machine")
    assert "quota 2.0 → 1.0" in note_text(found)


def test_a_fact_that_is_unknown_is_no_difference_to_a_fact_that_older_rounds_lack():
    """`quota`, `limit` and `driver` are null on most machines, and rounds of 0.1.0 lack them."""
    newer = dict.fromkeys(("quota", "limit", "driver", "governor"))
    older = {name: fact for name, fact in MACHINE.items() if name not in newer}
    assert only(base(machine=older), candidate(machine={**MACHINE, **newer})).differences == ()
    found = only(base(machine=older), candidate(machine={**MACHINE, **newer, "driver": "550.1"}))
    assert [*map(str, found.differences)] == ["driver none → 550.1"]


def test_other_versions_are_capped_until_they_are_the_question():
    newer = candidate(SLOWER, software={**SOFTWARE, "torch": "2.14.0"})
    found = only(base(), newer)
    assert (found.verdict, found.reason) == ("inconclusive", "software")
    assert "torch 2.13.0 → 2.14.0; to compare them anyway: --across software" in note_text(found)
    assert told(base(), newer, CompareOptions({"step_time": 0.05}, frozenset({"software"}))) == ("regression", "shown")


def test_a_contender_that_was_changed_is_what_is_compared():
    found = only(
        base(software={**SOFTWARE, "contender": "aaa"}), candidate(SLOWER, software={**SOFTWARE, "contender": "bbb"})
    )
    assert (found.verdict, [*map(str, found.differences)]) == ("regression", ["contender aaa → bbb"])


def test_another_protocol_is_capped():
    (first, *_) = candidate()
    longer = msgspec.structs.replace(first.protocol, budget=8.0)
    assert told(base(), candidate(protocol=longer)) == ("inconclusive", "protocol")


def test_two_classes_are_never_compared():
    assert told(base(), candidate(audit=Audit("lazy", True, 1e-7, 40))) == ("incomparable", "class")


def test_a_baseline_of_two_machines_is_ambiguous():
    both = [*base(), *base(machine={**MACHINE, "fingerprint": "ffffffff"})]
    assert told(both, candidate()) == ("incomparable", "ambiguous")


def test_duplicated_lines_count_once():
    assert only([*base(), *base()], candidate()).base.values == only(base(), candidate()).base.values


def test_a_metric_that_was_not_measured():
    assert told(base(), candidate(), CompareOptions({"device_step_peak": 0.01})) == ("incomparable", "not-measured")


def test_rounds_of_one_launch_are_compared_within_it():
    drifting = [0.1, 0.13, 0.18, 0.26, 0.39]
    slower = [value * factor for value, factor in zip(drifting, [1.10, 1.11, 1.09, 1.10, 1.105], strict=True)]
    sides = [with_launches(base(drifting)), with_launches(candidate(slower))]
    found = only(*sides)
    assert (found.verdict, found.paired) == ("regression", True)
    assert told(base(drifting), candidate(slower))[0] == "inconclusive"


@pytest.mark.parametrize(
    ("stopped", "told"), [("turns", (1.04 + 1 / 1.04) / 2), ("budget", (1.04**2 + 1.04**4) / (1.04**3 + 1.04**5))]
)
def test_turns_cancel_what_drifts_within_a_launch(stopped, told):
    """Both sides slow down by 4 % from turn to turn. Where they took no turns, the order of samples tells nothing."""
    rounds = base(conditions={"stopped": stopped}), candidate(conditions={"stopped": stopped})
    turns = ((0, 3, 5, 6), (1, 2, 4, 7))
    sides = [[timed(line, places) for line in with_launches(side)] for side, places in zip(rounds, turns, strict=True)]
    assert only(*sides).ratio.center == pytest.approx(told)


def test_samples_that_move_forbid_a_verdict_on_times():
    trend = values("step_time", *(0.1 + 0.002 * index for index in range(30)))
    moved = [msgspec.structs.replace(line, metrics={**line.metrics, "step_time": trend}) for line in candidate(SLOWER)]
    moved = [scaled(line, 1 + 0.001 * line.round) for line in moved]
    found = only(base(), moved)
    assert (found.verdict, found.reason) == ("inconclusive", "unsteady")
    assert "candidate round 1: trend" in note_text(found)


def test_most_rounds_failing_is_broke_and_some_forbid_to_call_it_the_same():
    def crashed(number):
        return failed(case(), "crash", "signal 11", number, run="candidate")

    assert told(base(), [*candidate(QUIET[:2]), *map(crashed, (2, 3, 4))]) == ("broke", "mostly-failed")
    assert told(base(), [*candidate(QUIET[:4]), crashed(4)]) == ("inconclusive", "some-failed")
    assert told(base(), [*candidate(SLOWER[:4]), crashed(4)]) == ("regression", "shown")
    flaky = [*base(QUIET[:4]), failed(case(), "crash", "signal 11", 4, run="base")]
    assert told(flaky, [*candidate(QUIET[:2]), *map(crashed, (2, 3, 4))])[0] == "inconclusive"


@pytest.mark.parametrize(("shared", "reason"), [(True, "shown"), (False, "unsteady")])
def test_of_sides_that_took_turns_the_ratio_must_be_steady(shared, reason):
    """What jumps in both sides cancels; what jumps in one is no steady state of it."""
    level = [1.0] * 30 + [1.5] * 30
    sides = []
    for side, slower, jumps in ((base(), 1.0, shared), (candidate(), 1.2, True)):
        told = []
        for line in with_launches(side):
            noise = [1 + 0.001 * ((7 * at + line.round) % 5) for at in range(60)]
            steps = [0.1 * slower * one * (up if jumps else 1) for one, up in zip(noise, level, strict=True)]
            metrics = {**line.metrics, "step_time": values("step_time", *steps)}
            told.append(msgspec.structs.replace(line, metrics=metrics, conditions={"stopped": "turns"}))
        sides.append([scaled(line, 1 + 0.001 * slower * line.round) for line in told])
    found = only(*sides)
    assert found.reason == reason
    assert ("launch 1: jump" in note_text(found)) == (not shared)


def test_noise_says_how_many_rounds_would_tell():
    found = only(base([0.09, 0.1, 0.12]), candidate([0.1, 0.11, 0.13]))
    assert (found.verdict, found.reason) == ("inconclusive", "noise")
    assert "rounds per side" in note_text(found)


def with_launches(rounds):
    return [msgspec.structs.replace(line, launch=f"launch-{line.round}") for line in rounds]


def scaled(line, factor):
    samples = tuple(value * factor for value in line.metrics["step_time"].values)
    return msgspec.structs.replace(line, metrics={**line.metrics, "step_time": values("step_time", *samples)})


def timed(line, places):
    samples = values("step_time", *((line.round + 1.0) * 1.04**place for place in places))
    return msgspec.structs.replace(line, metrics={"step_time": samples})


UNPROVEN = {"audit": None, "warnings": (Warning_("unproven", "this contender has no loss"),)}


@pytest.mark.parametrize("across", [frozenset(), frozenset({"class"})])
def test_a_candidate_that_lost_what_proves_its_steps_is_broke(across):
    options = CompareOptions({"step_time": 0.05}, across=across)
    assert told(base(), candidate(SLOWER, **UNPROVEN), options) == ("broke", "unproven")
    assert told(base(**UNPROVEN), candidate(SLOWER), options) == ("incomparable", "unproven")


def test_two_sides_without_a_proof_are_compared():
    assert told(base(**UNPROVEN), candidate(SLOWER, **UNPROVEN)) == ("regression", "shown")
