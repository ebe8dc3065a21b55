"""Samples by the state of the machine that they were taken in."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.comparable_rounds import StateTimes
from embbench.analysis.collapse.core_states import CoreStates, core_states, sampled_in, tells, usual
from embbench.analysis.collapse.measures import Absent, Measures
from tests.made_up import MACHINE, case, in_state, measured, values

STATES = CoreStates(350.0, 270.0, 470.0)


def line(*samples, latencies, at, stopped="budget", **axes):
    (made,) = measured(case(**axes), [0.1], conditions={"stopped": stopped})
    made = msgspec.structs.replace(made, metrics={**made.metrics, "step_time": values("step_time", *samples)})
    return in_state(made, *latencies, samples=at)


@pytest.mark.parametrize(
    ("latencies", "at", "near", "far"),
    [
        ((270, 271), (0, 4), (1, 2, 3, 4), ()),
        ((480, 470), (0, 4), (), (1, 2, 3, 4)),
        ((270, 275, 470, 470), (0, 1, 2, 4), (1,), (3, 4)),  # it moved during the second one
        ((270, 470), (0, 4), (), ()),
        ((270, 270), (0, 2), (1, 2), ()),  # nobody saw the state behind the others
        ((470,), (0,), (1, 2, 3, 4), (1, 2, 3, 4)),  # it tells nothing
    ],
)
def test_a_sample_is_of_the_state_that_was_seen_before_and_behind_it(latencies, at, near, far):
    made = line(1, 2, 3, 4, latencies=latencies, at=at)
    assert (sampled_in(made, STATES, False), sampled_in(made, STATES, True)) == (near, far)


def test_behind_the_last_turns_nobody_looks():
    made = line(1, 2, 3, 4, latencies=(270, 470), at=(0, 2), stopped="turns")
    assert (sampled_in(made, STATES, False), sampled_in(made, STATES, True)) == ((), (3, 4))


@pytest.mark.parametrize("axes", [{"threads": 1}, {"device": "cuda"}], ids=str)
def test_a_step_on_one_thread_or_on_a_gpu_is_the_same_in_each_state(axes):
    made = line(1, 2, latencies=(470, 470), at=(0, 2), **axes)
    assert (sampled_in(made, STATES, False), sampled_in(made, STATES, True)) == ((1, 2), (1, 2))


def test_a_look_that_misses_a_pair_tells_nothing():
    """Without the pair that is always the slowest, the CPUs would seem to have come near."""
    lines = [line(1, 2, latencies=(1, 1), at=(0, 2)) for _ in range(20)]
    for at, made in enumerate(lines):
        made.conditions["core_latency"]["ns"] = [[100, 470]] * 2 if at % 2 else [[100, None]] * 2
    assert core_states(lines) is None
    assert [tells(made) for made in lines[:2]] == [False, True]


@pytest.mark.parametrize(
    "told",
    [
        None,
        7,
        {},
        {"samples": 3, "ns": 4},
        {"samples": [0], "ns": [270]},
        {"samples": ["x", -1, 0], "ns": [[1], [2], [None]]},
    ],
)
def test_what_others_wrote_there_is_no_look(told):
    (made,) = measured(case(), [0.1])
    made = msgspec.structs.replace(made, conditions={"core_latency": told})
    assert core_states([made] * 20) is None
    assert not tells(made)
    assert sampled_in(made, STATES, False) == sampled_in(made, STATES, True) == made.metrics["step_time"].values


def moving(near=(0.0110, 0.0111, 0.0109), far=(0.0138, 0.0139), **fields):
    """Rounds of one case, first with CPUs near each other, then far apart."""
    made = measured(case("frozen"), [*near, *far], **fields)
    latencies = [*[(268, 272)] * len(near), *[(465, 475)] * len(far)]
    return [in_state(each, *looks) for each, looks in zip(made, latencies, strict=True)]


def test_states_are_found_from_the_rounds():
    found = core_states([*moving(), *moving()])
    assert (found.near, found.far) == (270.0, 470.0)
    assert 272 < found.boundary < 465
    assert not usual([moving()], found)
    assert core_states(moving(far=())) is None


def test_a_case_is_summarised_in_the_state_that_most_samples_met():
    others = measured(case(), [0.29, 0.30, 0.31])
    lines = [*moving(), *(in_state(each, 269, 271) for each in others)]
    results = collapse(lines)
    measures = Measures(results)
    found = measures.summary(results[0], "step_time")
    assert (found.center, found.n) == (0.0110, 3)
    assert measures.in_states(results[0]) == [
        StateTimes(far=False, latency=270.0, medians=(0.0110, 0.0111, 0.0109)),
        StateTimes(far=True, latency=470.0, medians=(0.0138, 0.0139)),
    ]
    assert [each.medians for each in measures.in_states(results[1])] == [(0.29, 0.30, 0.31), ()]


def test_the_usual_state_is_the_one_that_leaves_most_cases_a_number():
    """Not the one with the most samples: a fast case has a hundred where a slow one has two."""
    slow = [moving(near=[1.0, 1.1], far=[], case_id=name) for name in ("a", "b")]
    fast = [line(*[0.01] * 100, latencies=(470, 471), at=(0, 100)) for _ in range(3)]
    assert not usual([*slow, fast], STATES)


def test_rounds_that_tell_nothing_keep_their_number():
    results = collapse([*moving(), *measured(case(), [0.29, 0.30])])
    measures = Measures(results)
    assert measures.summary(results[1], "step_time").n == 2
    assert measures.in_states(results[1]) == []


def test_what_was_never_in_the_usual_state_has_no_number_beside_the_others():
    apart = [in_state(each, 470, 471) for each in measured(case(), [0.29, 0.30])]
    results = collapse([*moving(near=[0.011] * 5, far=[]), *apart])
    assert isinstance(Measures(results).summary(results[1], "step_time"), Absent)


def test_another_machine_has_its_own_states():
    """What is far on one may be near on another."""
    other = {**MACHINE, "fingerprint": "ffffffff"}
    lines = [
        *moving(far=[]),
        *(in_state(each, 470, 471) for each in measured(case(), [0.29, 0.30, 0.31], machine=other)),
    ]
    results = collapse(lines)
    measures = Measures(results)
    assert [measures.summary(each, "step_time").n for each in results] == [3, 3]
    assert measures.in_states(results[0]) == []


class TestTheTableByItself:
    """Its passes are of the state that every look of theirs saw."""

    def lines(self, **axes):
        found = []
        for at in range(12):
            (made,) = measured(case(**axes), [0.1], run=f"run{at}")
            latency = 470 if at in (3, 7) else 270 + at
            made = in_state(made, latency, latency)
            seen = {"samples": [0, 1, 2], "ns": [[latency], [latency], [270 if at == 7 else latency]]}
            made = msgspec.structs.replace(made, conditions={**made.conditions, "table_core_latency": seen})
            time = values("table_time", 2e-3 if at in (3, 7) else 1e-3)
            found.append(msgspec.structs.replace(made, metrics={**made.metrics, "table_time": time}))
        return found

    def test_rounds_of_the_usual_state_are_compared(self):
        results = collapse(self.lines())
        medians = Measures(results).medians(results[0], "table_time")
        assert list(medians.values()) == [1e-3] * 10
        assert len(Measures(results).medians(results[0], "row_cost")) == 10
        assert len(Measures(results).medians(results[0], "host_peak")) == 12

    def test_one_thread_is_the_same_in_each_state(self):
        results = collapse(self.lines(threads=1))
        assert len(Measures(results).medians(results[0], "table_time")) == 12

    def test_a_round_that_does_not_tell_counts(self):
        told = self.lines()
        told[3].conditions["table_core_latency"] = "nothing"
        results = collapse(told)
        assert len(Measures(results).medians(results[0], "table_time")) == 11

    def test_memory_is_of_no_state(self):
        told = [
            msgspec.structs.replace(each, metrics={**each.metrics, "table_copies": values("table_copies", 3.0)})
            for each in self.lines()
        ]
        results = collapse(told)
        assert len(Measures(results).medians(results[0], "table_copies")) == 12
