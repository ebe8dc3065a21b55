"""Rounds within a time: every case once, then what fits and what is needed; over several runs, by a virtual clock."""

import pytest

from embbench.cases.case import case_id
from embbench.launch.order import Ledger
from embbench.launch.pacing import Pacing, seconds_of
from embbench.launch.runner import is_left
from embbench.store.journal import read_rounds
from embbench.store.round import Values, Warning_


class Wants:
    """Needs that name cases by vocabulary as long as they have fewer rounds than told."""

    def __init__(self, **rounds):
        self.rounds = {int(name[1:]): number for name, number in rounds.items()}
        self.asked = []

    def next_visit(self, rounds, seconds, left):
        self.asked.append((len(rounds), dict(seconds), left))
        counts = {}
        for each in rounds:
            counts.setdefault((each.case.vocab, each.case_id), []).append(each)
        return [name for (vocab, name), found in counts.items() if len(found) < self.rounds.get(vocab, 0)]


@pytest.fixture
def run(run_with_needs):
    return run_with_needs


def counts(executor):
    found = {}
    for _, vocab in executor.asked:
        found[vocab] = found.get(vocab, 0) + 1
    return found


def test_what_is_needed_is_visited_after_two_rounds_of_each(run, plan_within, executor):
    outcome = run(plan_within(100.0), Wants(v2000=5, v4000=3))
    assert counts(executor) == {1000: 2, 2000: 5, 4000: 3}
    assert [index for index, _ in executor.asked] == [0, 0, 0, 1, 1, 1, 2, 2, 3, 4]
    assert (outcome.started, outcome.seconds, outcome.interrupted) == (10, 10.0, False)


def test_time_ends_the_passes_and_no_round_is_begun_that_does_not_fit(run, plan_within, executor, clock):
    executor.seconds = lambda case, index: 2.0
    outcome = run(plan_within(17.0), Wants(v1000=99, v2000=99, v4000=99))
    assert len(executor.asked) == 8
    assert clock.now == outcome.seconds == 16.0


def test_every_case_has_a_first_round_and_a_note_says_that_the_time_is_too_short(run, plan_within, executor, notes):
    executor.seconds = lambda case, index: 10.0
    run(plan_within(5.0), Wants(v1000=9))
    assert counts(executor) == {1000: 1, 2000: 1, 4000: 1}
    assert [text for text in notes.texts if "more than 5 s;" in text] == notes.texts
    assert len(notes.texts) == 1
    assert notes.texts[0].startswith("a first round of every case takes about ")
    assert notes.texts[0].endswith(" these rounds still finish")


def test_in_the_second_pass_what_does_not_fit_is_left_out(run, plan_within, executor, notes):
    executor.seconds = lambda case, index: 10.0 if case.vocab == 4000 else 1.0
    run(plan_within(21.0), Wants())
    assert counts(executor) == {1000: 2, 2000: 2, 4000: 1}
    assert notes.texts == []


def test_visits_say_how_much_of_the_time_is_left_and_not_of_how_many(run, plan_within, executor, notes):
    run(plan_within(100.0), Wants(v2000=4))
    assert {(visit.total, visit.rounds) for visit in notes.visits} == {(0, 0)}
    assert [visit.number for visit in notes.visits] == list(range(1, 9))
    assert [visit.seconds_left for visit in notes.visits[-2:]] == [94.0, 93.0]


def test_needs_know_what_a_round_takes_and_what_is_left(run, plan_within, executor):
    executor.seconds = lambda case, index: case.vocab / 1000
    needs = Wants()
    made = plan_within(100.0)
    run(made, needs)
    ((rounds, seconds, left),) = needs.asked
    assert (rounds, left) == (6, 86.0)
    assert seconds == {case_id(case): case.vocab / 1000 for case in made.cases}


def test_time_counts_over_runs_and_a_longer_one_goes_on(run, plan_within, executor, work):
    needs = Wants(v1000=99, v2000=99, v4000=99)
    assert run(plan_within(8.0), needs).started == 8
    assert run(plan_within(8.0), needs).started == 0
    assert not is_left(work(plan_within(8.0)), read_rounds([run.path])[0], needs)
    assert is_left(work(plan_within(9.0)), read_rounds([run.path])[0], needs)
    executor.asked.clear()
    outcome = run(plan_within(11.0), needs)
    assert (outcome.started, outcome.seconds, len(outcome.rounds)) == (3, 11.0, 11)
    assert {index for index, _ in executor.asked} == {3}
    assert all(seconds_of(each) == 1.0 for each in read_rounds([run.path])[0])


def test_once_all_is_sharp_nothing_is_left(run, plan_within, work):
    made = plan_within(100.0)
    assert is_left(work(made), [], Wants())
    assert run(made, Wants(v1000=3)).started == 7
    assert not is_left(work(made), read_rounds([run.path])[0], Wants(v1000=3))
    assert is_left(work(made), read_rounds([run.path])[0], Wants(v1000=4))


def test_an_interrupted_run_goes_on_where_it_was(run, plan_within, executor):
    calls = iter([False] * 4 + [True])
    assert run(plan_within(50.0), Wants(v2000=4), lambda: next(calls)).interrupted
    outcome = run(plan_within(50.0), Wants(v2000=4))
    assert counts(executor) == {1000: 2, 2000: 4, 4000: 2}
    assert outcome.seconds == 8.0


def test_a_case_that_fails_twice_in_a_row_is_asked_no_more(run, plan_within, executor):
    executor.status = lambda case, index: "crash" if case.vocab == 2000 and index > 0 else "ok"
    run(plan_within(50.0), Wants(v2000=9))
    assert counts(executor) == {1000: 2, 2000: 3, 4000: 2}


def test_without_needs_a_plan_is_of_its_fixed_number(run, plan_within, executor):
    outcome = run(plan_within(1.5, rounds=3), None)
    assert counts(executor) == {1000: 3, 2000: 3, 4000: 3}
    assert not outcome.interrupted


def test_passes_are_shuffled_by_the_seed(run, plan_within, executor):
    vocab = list(range(1000, 9000, 1000))
    wants = Wants(**{f"v{each}": 6 for each in vocab})
    run(plan_within(1e3, axes={"vocab": vocab}), wants)
    passes = [tuple(v for i, v in executor.asked if i == index) for index in range(2, 6)]
    assert len(set(passes)) == 4
    assert all(sorted(each) == vocab for each in passes)


def test_rounds_that_do_not_say_what_they_took_count_as_predicted(plan_within, make_round):
    made = plan_within(100.0)
    name = case_id(made.cases[0])
    old, other = make_round(made.cases[0]), make_round()
    told = make_round(made.cases[0], conditions={"round_seconds": 4.0})
    judged = make_round(made.cases[0], status="skipped", conditions={"phase": "before start", "round_seconds": 9.0})
    pacing = Pacing(made, {name: 7.0}, [old, told, other, judged], Wants())
    assert (pacing.spent, pacing.left) == (11.0, 89.0)


@pytest.mark.parametrize(("once", "left"), [(7.0, 3.0), (99.0, 0.0), (-1.0, 10.0), ("7", 10.0), (None, 10.0)])
def test_what_a_round_does_once_is_not_expected_of_the_next(plan_within, make_round, once, left):
    made, wants = plan_within(100.0, rounds=1), Wants()
    name = case_id(made.cases[0])
    told = {"round_seconds": 10.0, "once_seconds": once}
    metrics = {name: Values("s", "wall", "lower", (0.01,)) for name in ("step_time", "host_growth")}
    rounds = [make_round(case, conditions=told, metrics=metrics) for case in made.cases]
    pacing = Pacing(made, {name: 5.0}, rounds, wants)
    assert list(pacing.order(Ledger(made, rounds))) == []
    assert wants.asked == [(3, {name: left}, 70.0)]


def test_what_is_looked_for_in_each_round_is_expected_of_the_next(plan_within, make_round):
    made, wants = plan_within(100.0, rounds=1), Wants()
    told = {"round_seconds": 10.0, "once_seconds": 7.0}
    grew = make_round(made.cases[0], conditions=told, warnings=(Warning_("memory-grows", "by 1 kB"),))
    done = [make_round(case) for case in made.cases[1:]]
    list(Pacing(made, {grew.case_id: 5.0}, [grew, *done], wants).order(Ledger(made, [grew, *done])))
    assert wants.asked[0][1] == {grew.case_id: 10.0}


@pytest.mark.parametrize("told", ["4", True, -1.0, float("inf"), 1e300, 10**400, None])
def test_what_is_no_time_is_not_believed(make_round, told):
    assert seconds_of(make_round(conditions={"round_seconds": told})) is None


def test_a_pass_that_begins_nothing_is_the_last(plan_within, make_round):
    made = plan_within(100.0)
    rounds = [make_round(case, round=index, status="crash") for case in made.cases for index in (0, 1)]
    predicted = {case_id(case): 1.0 for case in made.cases}
    pacing = Pacing(made, predicted, rounds, Wants(v1000=9, v2000=9, v4000=9))
    assert list(pacing.order(Ledger(made, rounds))) == []


def test_needs_are_asked_of_cases_that_are_still_open(run, plan_within, executor):
    """One that failed twice would be wanted most, and end the run."""
    asked = []

    class Greedy(Wants):
        def next_visit(self, rounds, seconds, left):
            asked.append(len(seconds))
            return super().next_visit(rounds, seconds, left)

    executor.status = lambda case, index: "crash" if case.vocab == 2000 and index > 0 else "ok"
    outcome = run(plan_within(50.0), Greedy(v2000=9, v4000=6))
    assert counts(executor)[4000] == 6
    assert asked[0] == 3
    assert asked[-1] == 2
    assert len(outcome.given_up) == 1
