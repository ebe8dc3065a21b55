"""The whole pipeline in one process, with a fake worker on a virtual clock."""

import msgspec
import pytest

from embbench.errors import FileError
from embbench.launch.preflight import FreeMemory
from embbench.launch.runner import carry_out, estimate_cases
from embbench.store.journal import Journal, read_rounds


@pytest.fixture
def run(tmp_path, work, executor, notes, clock):
    """Runs a plan into the test's one journal."""

    def go(plan, stopped=lambda: False, **fields):
        with Journal(tmp_path / "j.jsonl") as journal:
            return carry_out(work(plan, **fields), journal, executor, notes, stopped, clock)

    go.path = tmp_path / "j.jsonl"
    return go


def test_every_round_of_every_case_once_and_on_disk(run, plan, executor):
    outcome = run(plan(rounds=3))
    assert sorted(executor.asked) == [(i, v) for i in range(3) for v in (1000, 2000, 4000)]
    assert [index for index, _ in executor.asked] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert outcome.measured
    assert outcome.started == 9
    assert read_rounds([run.path])[0] == list(outcome.rounds)


def test_order_is_shuffled_by_seed_and_begins_with_the_shortest(run, plan, executor):
    vocab = list(range(1000, 9000, 1000))
    run(plan(rounds=4, axes={"vocab": vocab}, seed=3))
    first, *others = [[v for i, v in executor.asked if i == index] for index in range(4)]
    assert first[0] == 1000
    assert first != vocab
    assert len({tuple(each) for each in others}) == 3
    assert vocab not in others
    again = list(executor.asked)
    executor.asked.clear()
    run.path.unlink()
    run(plan(rounds=4, axes={"vocab": vocab}, seed=3))
    assert executor.asked == again


def test_a_second_run_does_only_what_is_left(run, plan, executor):
    calls = iter([False, False, False, False, True])
    outcome = run(plan(), stopped=lambda: next(calls))
    assert outcome.interrupted
    assert outcome.started == 4
    before = list(executor.asked)
    executor.asked.clear()
    outcome = run(plan())
    assert (outcome.interrupted, outcome.started, len(outcome.rounds)) == (False, 2, 6)
    assert not set(before) & set(executor.asked)
    assert run(plan()).started == 0
    assert len(read_rounds([run.path])[0]) == 6


def test_an_interrupted_round_is_kept_and_measured_again(run, plan, executor):
    executor.status = lambda case, index: "interrupted" if len(executor.asked) == 2 else "ok"
    outcome = run(plan())
    assert outcome.interrupted
    assert [r.status for r in outcome.rounds] == ["ok", "interrupted"]
    interrupted = executor.asked[-1]
    outcome = run(plan(), run="another name")
    assert executor.asked[2] == interrupted
    assert {r.run for r in outcome.rounds} == {"run"}
    assert [r.status for r in outcome.rounds].count("ok") == 6


@pytest.mark.parametrize("status", ["crash", "timeout", "oom_host", "oom_device"])
def test_a_case_that_fails_twice_in_a_row_is_given_up_and_the_others_go_on(run, plan, executor, notes, status):
    executor.status = lambda case, index: status if case.vocab == 2000 else "ok"
    run(plan(rounds=5))
    assert [i for i, v in executor.asked if v == 2000] == [0, 1]
    assert len(executor.asked) == 12
    assert notes.texts == [
        "plain trainable default sgd vocab=2k: failed twice in a row; its further rounds are not tried"
    ]
    assert run(plan(rounds=5)).started == 0


def test_what_timed_out_is_tried_again_with_more_time_only(run, plan, executor):
    executor.status = lambda case, index: "timeout" if case.vocab == 2000 else "ok"
    outcome = run(plan(rounds=3, timeout=10.0))
    assert outcome.given_up == ("plain trainable default sgd vocab=2k",)
    executor.asked.clear()
    executor.status = lambda case, index: "ok"
    again = run(plan(rounds=3, timeout=9.0))
    assert (again.started, again.given_up) == (0, outcome.given_up)
    outcome = run(plan(rounds=3, timeout=20.0))
    assert executor.asked == [(index, 2000) for index in range(3)]
    assert outcome.given_up == ()
    assert run(plan(rounds=3, timeout=10.0)).started == 0


def test_more_rounds_go_on_where_fewer_ended(run, plan, executor):
    run(plan(rounds=1))
    executor.asked.clear()
    run(plan(rounds=3))
    assert [index for index, _ in executor.asked] == [1, 1, 1, 2, 2, 2]


def test_what_a_round_measures_besides_the_step_never_loses_the_step(run, plan, executor, notes, monkeypatch):
    execute, asked = executor.execute, []

    def fail_besides(request, timeout, on_phase):
        round_, protocol = execute(request, timeout, on_phase), request.protocol
        asked.append((protocol.phases, protocol.training))
        at = "training" if protocol.training else "phases" if protocol.phases else None
        if at is None:
            return round_
        return msgspec.structs.replace(round_, status="crash", reason=f"killed during {at!r}", conditions={"phase": at})

    monkeypatch.setattr(executor, "execute", fail_besides)
    made = plan(rounds=1, axes={"vocab": [1000]}, phases=True, training=True)
    outcome = run(made)
    assert asked == [(True, True), (True, False), (False, False)]
    (round_,) = outcome.rounds
    assert (round_.status, round_.protocol) == ("ok", made.protocol)
    told = {name: f"not measured: killed during {name!r}" for name in ("phases", "training")}
    assert round_.conditions == {**told, "round_seconds": 3.0}
    assert [text.partition(": ")[2] for text in notes.texts] == [
        f"killed during {name!r}; the round is measured again without it" for name in ("training", "phases")
    ]
    assert (outcome.started, run(made).started) == (1, 0)


def test_a_failure_between_good_rounds_is_no_reason_to_stop(run, plan, executor):
    executor.status = lambda case, index: "crash" if index % 2 else "ok"
    run(plan(rounds=6))
    assert len(executor.asked) == 18


@pytest.mark.parametrize("status", ["unsupported", "skipped"])
def test_what_the_worker_refuses_is_not_asked_again(run, plan, executor, status):
    executor.status = lambda case, index: status if case.vocab == 2000 else "ok"
    outcome = run(plan(rounds=3))
    assert [i for i, v in executor.asked if v == 2000] == [0]
    assert len(outcome.rounds) == 7
    assert run(plan(rounds=3)).started == 0


def test_unsupported_cases_start_no_process_and_give_one_line(run, plan, executor):
    axes = {"contender": ["plain", "absent"], "optimizer": ["sgd", "adam"], "vocab": [1000], "device": ["cpu", "cuda"]}
    outcome = run(plan(axes=axes))
    assert executor.asked == [(0, 1000), (1, 1000)]
    reasons = {r.reason for r in outcome.rounds if r.status == "unsupported"}
    assert reasons == {
        "the test contender has no adam",
        "device=cuda: this contender needs --device cpu",
        "not installed: pip install embbench-no-such-package",
        "update=default is not written for adam",
    }
    assert len(outcome.rounds) == 2 + 7
    assert all(r.machine["fingerprint"] for r in outcome.rounds)
    assert len(run(plan(axes=axes)).rounds) == 9


def test_what_does_not_fit_is_skipped_with_figures_and_forced_later(run, plan, executor):
    room = FreeMemory(host=lambda: 700_000_000, devices=list)
    big = plan(rounds=1, axes={"vocab": [1000, 30_000_000]})
    outcome = run(big, room=room)
    (skipped,) = [r for r in outcome.rounds if r.status == "skipped"]
    assert skipped.reason == (
        "needs about 1.48 GB of host memory, but only 700 MB are free; --force measures the case anyway"
    )
    assert len(run(big, room=room).rounds) == 2
    executor.asked.clear()
    outcome = run(big, room=room, force=True)
    assert executor.asked == [(0, 30_000_000)]
    assert len(outcome.rounds) == 3


def test_nothing_measured(run, plan, executor):
    executor.status = lambda case, index: "invalid"
    assert not run(plan()).measured


def test_time_left_comes_from_rounds_seen(run, plan, executor, notes):
    executor.seconds = lambda case, index: case.vocab / 1000
    run(plan(rounds=3))
    last = notes.visits[-1]
    assert (last.number, last.total) == (9, 9)
    assert last.seconds_left == last.case.vocab / 1000
    second_round = notes.visits[3]
    assert second_round.seconds_left == 2 * (1 + 2 + 4)


def test_predictions_run_nothing_and_say_what_fits(plan, work):
    axes = {"vocab": [1000, 30_000_000], "optimizer": ["sgd", "adam"]}
    room = FreeMemory(host=lambda: 700_000_000, devices=list)
    fits, big, no_adam, _ = estimate_cases(work(plan(axes=axes), room=room))
    assert (fits.status, fits.passes, fits.rounds) == ("run", 3.0, 2)
    assert 0 < fits.seconds < 60
    assert (no_adam.status, no_adam.needed, no_adam.seconds) == ("unsupported", None, 0.0)
    assert (big.status, big.needed > big.free) == ("skipped", True)


def test_a_line_that_cannot_be_saved_ends_the_run(run, plan, executor, monkeypatch):
    saved = []

    def append(self, round_):
        if len(saved) == 2:
            raise FileError("full")
        saved.append(round_)

    monkeypatch.setattr(Journal, "append", append)
    with pytest.raises(FileError, match="full"):
        run(plan())
    assert len(executor.asked) == 3


def test_thousands_of_cases_are_planned_by_asking_the_machine_and_the_packages_once(plan, work, monkeypatch):
    asked = {"packages": 0, "memory": 0}

    def missing(contender):
        asked["packages"] += 1
        return ()

    def memory():
        asked["memory"] += 1
        return 10**12

    monkeypatch.setattr("embbench.launch.preflight.missing_packages", missing)
    made = plan(axes={"vocab": tuple(range(1000, 3000))})
    given = work(made, room=FreeMemory(host=memory))
    assert [each.status for each in estimate_cases(given)] == ["run"] * len(made.cases)
    assert asked == {"packages": len(given.contenders), "memory": 1}
