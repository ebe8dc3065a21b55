"""What may take many steps is looked for in one round of a case, unless it finds something."""

import msgspec

from embbench.launch.origin import was_watched
from embbench.store.round import Warning_
from tests.made_up import case, failed, measured, values


def watched(*codes):
    (made,) = measured(case(), [0.1])
    metrics = {**made.metrics, "host_growth": values("host_growth", 0.0)}
    return msgspec.structs.replace(made, metrics=metrics, warnings=tuple(Warning_(code, "why") for code in codes))


def test_a_round_that_was_watched_need_not_be_followed_by_another():
    assert was_watched([watched()])
    assert was_watched([failed(case(), "crash", "why", 0), watched("steal")])


def test_what_looks_odd_is_watched_in_each_round():
    assert not was_watched([watched("memory-grows"), watched()])
    assert not was_watched([watched(), watched("cheaper-unwatched", "steal")])


def test_a_round_that_does_not_tell_was_not_watched():
    (plain,) = measured(case(), [0.1])
    assert not was_watched([plain])
    assert not was_watched([failed(case(), "crash", "why", 0)])
    assert not was_watched([])


def test_further_rounds_of_a_case_are_told(tmp_path, work, plan, executor, notes, clock):
    from embbench.launch.runner import carry_out
    from embbench.store.journal import Journal

    asked = []

    class Watching:
        def execute(self, request, timeout, on_phase):
            asked.append((request.round, request.case.vocab, request.watched))
            made = executor.execute(request, timeout, on_phase)
            return msgspec.structs.replace(
                made, metrics={**made.metrics, "host_growth": values("host_growth", 0.0)}
            ) if not request.watched else made  # fmt: skip

    for rounds in (2, 3):
        with Journal(tmp_path / "j.jsonl") as journal:
            carry_out(work(plan(rounds=rounds)), journal, Watching(), notes, lambda: False, clock)
    assert len(asked) == 9
    assert {(index, told) for index, _, told in asked} == {(0, False), (1, True), (2, True)}
