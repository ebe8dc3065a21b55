"""A plan with a reference: what decides the answer comes first, and turns never lose the step."""

import msgspec
import pytest

from tests.launch.test_pacing import Wants


@pytest.fixture
def run(run_with_needs):
    return run_with_needs


def test_turns_with_a_reference_never_lose_the_step(run, plan, executor, monkeypatch):
    execute, asked = executor.execute, []

    def fail_turns(request, timeout, on_phase):
        round_ = execute(request, timeout, on_phase)
        asked.append((request.case.vocab, request.reference and request.reference.vocab))
        if request.reference is None:
            return round_
        return msgspec.structs.replace(round_, status="oom_host", reason="killed", conditions={"phase": "turns"})

    monkeypatch.setattr(executor, "execute", fail_turns)
    made = plan(rounds=1, axes={"vocab": [1000, 2000]})
    outcome = run(msgspec.structs.replace(made, reference=made.cases[1]))
    assert sorted(asked, key=str) == [(1000, 2000), (1000, None), (2000, None)]
    told = {each.case.vocab: (each.status, each.conditions.get("turns")) for each in outcome.rounds}
    assert told == {1000: ("ok", "not measured: killed"), 2000: ("ok", None)}


@pytest.fixture
def plan_with_reference(plan_within):
    """Sizes of an unchanged step, and two changes of the largest size, which is the reference."""

    def make(within):
        sizes = plan_within(within)
        *_, reference = sizes.cases
        changes = [msgspec.structs.replace(reference, update=name) for name in ("fused", "sparse")]
        return msgspec.structs.replace(sizes, cases=(*sizes.cases, *changes), reference=reference)

    return make


def updates(outcome):
    return sorted((each.case.vocab, each.case.update, each.round) for each in outcome.rounds)


DECISIVE = [(vocab, "default", index) for vocab in (1000, 2000, 4000) for index in (0, 1)]


def test_what_decides_comes_first_and_changes_follow_if_they_fit(run, plan_with_reference, executor, notes):
    executor.seconds = lambda case, index: 2.0
    outcome = run(plan_with_reference(17.0), Wants())
    assert updates(outcome) == sorted([*DECISIVE, (4000, "fused", 0), (4000, "fused", 1)])
    assert executor.asked[:6] == [(0, 1000), (0, 2000), (0, 4000), (1, 1000), (1, 2000), (1, 4000)]
    more = run(plan_with_reference(19.0), Wants())
    assert updates(more) == sorted([*DECISIVE, (4000, "fused", 0), (4000, "fused", 1), (4000, "sparse", 0)])
    assert notes.texts == []


def test_what_decides_is_measured_though_it_takes_longer(run, plan_with_reference, executor, notes):
    executor.seconds = lambda case, index: 9.0
    outcome = run(plan_with_reference(13.0), Wants())
    assert updates(outcome) == DECISIVE
    assert notes.texts[0].endswith(" these rounds still finish")


def test_rounds_that_are_needed_follow_a_plan_with_a_reference(run, plan_with_reference, executor):
    outcome = run(plan_with_reference(100.0), Wants(v1000=4))
    assert len([each for each in outcome.rounds if each.case.vocab == 1000]) == 4
    assert len(outcome.rounds) == 11
