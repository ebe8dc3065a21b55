"""Launches of real workers: turns that never overlap, and blocks of as many steps."""

import itertools
import subprocess
import sys

import pytest

from embbench.host.core_latency import CoreProbe
from embbench.launch.pair import ApartExecutor, block_steps
from embbench.launch.process import WorkerProcess
from embbench.store.exchange import Ready
from tests.launch.real_sides import HONEST, launched, state, wait_until


def test_both_sides_answer_with_as_many_samples_and_no_times_that_the_other_disturbs(side):
    base, head = launched(side(HONEST, "base"), side(HONEST, "head"))
    assert (base.status, head.status, base.reason) == ("ok", "ok", None)
    samples = [each.metrics["step_time"].values for each in (base, head)]
    assert len(samples[0]) == len(samples[1]) >= 2
    assert len(samples[0]) % 2 == 0
    assert base.launch == head.launch == "r/0/screen"
    for name in ("turn_faults", "turn_waits"):
        assert [len(each.conditions[name]) for each in (base, head)] == [len(samples[0])] * 2
    assert not {"import_time", "build_time", "first_step_time", "warmup_time"} & set(base.metrics)
    assert "host_peak" in base.metrics


HASHING = """
def prepare(case, tokens):
    with open(HERE + "/hash", "w") as file:
        print(hash("embedding"), file=file)
    return FakeTrial(case, tokens)
"""


def test_both_sides_hash_by_the_seed_of_their_launch(side, tmp_path):
    rounds = launched(side(HASHING, "base"), side(HASHING, "head"))
    assert [each.conditions["hash_seed"] for each in rounds] == ["42", "42"]
    hashes = {(tmp_path / name / "hash").read_text() for name in ("base", "head")}
    alone = [sys.executable, "-c", "print(hash('embedding'))"]
    assert hashes == {subprocess.run(alone, env={"PYTHONHASHSEED": "42"}, capture_output=True, text=True).stdout}


def test_both_sides_know_the_state_of_the_machine_before_each_cycle(side, monkeypatch):
    monkeypatch.setattr("embbench.launch.pair.LOOK", 0.0)
    latencies = itertools.count(300)
    monkeypatch.setattr(CoreProbe, "read", lambda probe: (next(latencies),))
    rounds = launched(side(HONEST, "base"), side(HONEST, "head"))
    told = [each.conditions["core_latency"] for each in rounds]
    cycles = len(rounds[0].metrics["step_time"].values) // 2
    assert told[0] == told[1]
    assert told[0]["samples"] == list(range(0, 2 * cycles, 2))
    assert told[0]["ns"] == [[300 + cycle] for cycle in range(cycles)]


READING = """
import sys
def prepare(case, tokens):
    assert sys.stdin.read() == ""
    return FakeTrial(case, tokens)
"""


def test_a_worker_alone_stands_still_while_the_machine_is_looked_at(side, monkeypatch):
    """And what it reads of stdin is no answer to anybody else."""
    workers, states = [], []
    begin = WorkerProcess.__init__

    def beginning(self, *arguments):
        begin(self, *arguments)
        workers.append(self._process.pid)

    def look(_probe):
        wait_until(lambda: state(workers[-1]) in "Tt")
        states.append(state(workers[-1]))
        return (300 + len(states),)

    monkeypatch.setattr(WorkerProcess, "__init__", beginning)
    monkeypatch.setattr(CoreProbe, "read", look)
    base, _ = ApartExecutor().execute(side(READING, "base"), side(HONEST, "head"), 60.0, lambda phase: None)
    assert (base.status, base.reason) == ("ok", None)
    told = base.conditions["core_latency"]
    assert told["samples"][0] == 0
    assert told["samples"][-1] == len(base.metrics["step_time"].values)
    assert told["ns"] == [[301 + at] for at in range(len(told["samples"]))]
    assert set(states) == {"T"}


SLOW = """
import time
class Slow(FakeTrial):
    def step(self):
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass
        super().step()
def prepare(case, tokens): return Slow(case, tokens)
"""


def test_blocks_of_both_sides_have_as_many_steps(side):
    base, head = launched(side(HONEST, "base"), side(SLOW, "head"))
    assert (base.status, head.status) == ("ok", "ok")
    assert base.conditions["block_steps"] == head.conditions["block_steps"] > 1


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        (Ready(2, 0.004), Ready(1, 0.006), 2),
        (Ready(1, 0.006), Ready(2, 0.004), 2),
        (Ready(50, 1e-4), Ready(1, 0.05), 5),  # no more than a quarter of a second of the slower side
        (Ready(50, 1e-4), Ready(1, 2.0), 1),
        (Ready(1, 2.0), Ready(1, 2.0), 1),
    ],
)
def test_blocks_are_as_long_as_one_side_needs_and_the_other_can_bear(one, other, steps):
    assert block_steps([one, other]) == steps


def test_turns_go_as_abba_while_the_other_side_is_stopped(side, monkeypatch):
    """At the moment of each turn the kernel says what the other process does: it is stopped (T)."""
    started, turns = [], []
    tell, begin = WorkerProcess.tell, WorkerProcess.__init__

    def beginning(self, *arguments):
        begin(self, *arguments)
        started.append(self)

    def telling(self, message):
        if b'"turn"' in message:
            (other,) = (each for each in started if each is not self)
            wait_until(lambda: state(other._process.pid) == "T")
            turns.append(started.index(self))
        tell(self, message)

    monkeypatch.setattr(WorkerProcess, "__init__", beginning)
    monkeypatch.setattr(WorkerProcess, "tell", telling)
    base, head = launched(side(HONEST, "base"), side(HONEST, "head"))
    assert (base.status, head.status) == ("ok", "ok")
    assert len(turns) % 4 == 0
    cycles = [turns[at : at + 4] for at in range(0, len(turns), 4)]
    order = ([0, 1, 1, 0], [1, 0, 0, 1])
    assert cycles == [order[cycle.bit_count() % 2] for cycle in range(len(cycles))]


def test_apart_both_are_measured_alone_and_belong_together(side):
    base, head = ApartExecutor().execute(side(HONEST, "base"), side(HONEST, "head"), 60.0, lambda phase: None)
    assert (base.status, head.status, base.launch) == ("ok", "ok", "r/0/screen")
    assert "build_time" in base.metrics
