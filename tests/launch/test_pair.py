"""Launches of real workers: turns that never overlap, whatever happens to either side."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.host.core_latency import CoreProbe
from embbench.launch.attempt import Job
from embbench.launch.interrupts import Interrupts
from embbench.launch.pair import ApartExecutor, PairExecutor, block_steps
from embbench.launch.process import WorkerProcess
from embbench.store.exchange import Ready, Request
from tests.fakes import fake

SMALL = {"vocab": 500, "dim": 8, "hidden": 8, "batch": 4, "seq": 6, "threads": 1}
WORKER = (sys.executable, "-m", "embbench.worker")  # without -P: the fake lies in this checkout
STATE = "import os\nHERE = os.path.dirname(os.path.abspath(__file__))\n"

HONEST = "def prepare(case, tokens): return FakeTrial(case, tokens)\n"
DYING = "def prepare(case, tokens): os.kill(os.getpid(), 9)\n"
DYING_LATER = """
class Dying(FakeTrial):
    def step(self):
        if self.steps == 8: os.kill(os.getpid(), 9)
        super().step()
def prepare(case, tokens): return Dying(case, tokens)
"""


@pytest.fixture
def side(tmp_path, origin):
    def make(body, name, round_=0):
        path = tmp_path / name / "fake.py"
        path.parent.mkdir(exist_ok=True)
        # The real clock: a worker is a process of its own.
        path.write_text(f"DECLARES = {fake.DECLARES!r}\nfrom tests.fakes.fake import FakeTrial\n{STATE}{body}")
        case = make_case({**SMALL, "contender": "fake"})
        request = Request(
            run="r", suite="", case=case, round=round_, protocol=Protocol(budget=0.05, warmup=0.01),
            contender=str(path), launch="r/0/screen", hash_seed=42,
        )  # fmt: skip
        return Job(request, WORKER, origin)

    return make


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def wait_until(holds, patience=50.0):
    """patience: seconds, of a machine on which two workers may take ten to start."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end
        os.sched_yield()  # to the workers that are waited for


def launched(one, other, interrupts=None, timeout=60.0):
    return PairExecutor(interrupts, grace=0.2).execute(one, other, timeout, lambda phase: None)


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


@pytest.mark.parametrize("body", [DYING, DYING_LATER])
def test_one_side_that_dies_leaves_the_other_whole(side, body):
    base, head = launched(side(HONEST, "base"), side(body, "head"))
    assert (base.status, head.status) == ("ok", "crash")
    assert "SIGKILL" in head.reason
    assert len(base.metrics["step_time"].values) >= 2


def test_a_side_that_cannot_be_started(side):
    other = side(HONEST, "head")
    broken = Job(other.request, ("/no/such/program",), other.origin)
    base, head = launched(side(HONEST, "base"), broken)
    assert (base.status, head.status) == ("ok", "crash")
    assert head.reason.startswith("could not be started: /no/such/program")


HANGING = """
import signal
def prepare(case, tokens):
    open(os.path.join(HERE, "pid"), "w").write(str(os.getpid()))
    signal.pause()
"""


def test_a_side_that_hangs_times_out_and_nothing_stays_behind(side, tmp_path):
    base, head = launched(side(HONEST, "base"), side(HANGING, "head"), timeout=8.0)
    assert head.status == "timeout"
    assert base.status in ("timeout", "ok")
    pid = int((tmp_path / "head" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.fixture
def heeded():
    """SIGINT as in a foreground job: the shell has those in the background ignore it, and what is ignored stays so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_ctrl_c_ends_both(side, tmp_path):
    def strike():
        path = tmp_path / "head" / "pid"
        wait_until(lambda: path.exists() and path.read_text())
        os.kill(os.getpid(), signal.SIGINT)

    with Interrupts() as interrupts:
        threading.Thread(target=strike, daemon=True).start()
        base, head = launched(side(HONEST, "base"), side(HANGING, "head"), interrupts)
    assert (base.status, head.status) == ("interrupted", "interrupted")
    assert head.reason.startswith("SIGINT")


def test_apart_both_are_measured_alone_and_belong_together(side):
    base, head = ApartExecutor().execute(side(HONEST, "base"), side(HONEST, "head"), 60.0, lambda phase: None)
    assert (base.status, head.status, base.launch) == ("ok", "ok", "r/0/screen")
    assert "build_time" in base.metrics
