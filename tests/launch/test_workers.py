"""Several real processes at once: pauses, turns and endings, and that nothing of them stays behind."""

import os
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from embbench.launch.attempt import Job
from embbench.launch.process import WorkerProcess
from embbench.launch.workers import Workers
from embbench.store.exchange import Finished, Request

STUB = Path(__file__).parent / "stub_worker.py"


@pytest.fixture
def job(origin, plan, contenders):
    """A job of the stub worker with a fault."""

    def make(fault="fine", command=None):
        made = plan(rounds=1)
        request = Request(
            run="r", suite="s", case=made.cases[0], round=0, protocol=made.protocol, contender=contenders["plain"].path
        )
        return Job(request, command or [sys.executable, str(STUB), fault], origin)

    return make


@pytest.fixture
def processes(monkeypatch):
    """Ids of the workers' processes, in the order of their starts."""
    started = []
    begin = WorkerProcess.__init__

    def beginning(self, *arguments):
        begin(self, *arguments)
        started.append(self._process.pid)

    monkeypatch.setattr(WorkerProcess, "__init__", beginning)
    return started


def workers(*jobs, on_phase=lambda phase: None, timeout=60.0, **options):
    return Workers(jobs, timeout, on_phase, grace=0.2, **options)


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_job_has_its_round_in_order(job):
    broken = job(command=["/no/such/program"])
    with workers(job("crash"), broken, job("fine")) as running:
        rounds = running.finish()
    assert [round_.status for round_ in rounds] == ["crash", "crash", "ok"]
    assert rounds[1].reason == "could not be started: /no/such/program: No such file or directory"
    assert rounds[1].conditions == {"phase": "start"}


def test_one_that_could_not_be_started_is_never_among_the_running(job):
    with workers(job(command=["/no/such/program"]), job()) as running:
        assert [worker.phase for worker in running.running] == ["start"]
        running.finish()
        assert running.running == []


def test_one_deadline_for_all(job, clock):
    entered = []

    def pass_time(phase):
        entered.append(phase)
        clock.now += 61.0 if entered.count("audit") == 2 else 0.0

    with workers(job("farewell"), job("farewell"), on_phase=pass_time, clock=clock) as running:
        rounds = running.finish()
    assert [round_.status for round_ in rounds] == ["timeout", "timeout"]
    assert all("during 'audit'; last output: waited for a lock" in round_.reason for round_ in rounds)


def test_let_pauses_each_where_it_should_be_and_the_others_wait(job, processes):
    with workers(job(), job("kill")) as running:
        one, other = running.running
        running.let([one], lambda worker: worker.phase == "build")
        running.let([other], lambda worker: worker.phase == "measure")
        assert (one.phase, one.ended) == ("build", False)
        os.waitid(os.P_PID, processes[0], os.WSTOPPED | os.WNOWAIT)  # returns once it is stopped
        assert state(processes[0]) == "T"
        assert [round_.status for round_ in running.finish()] == ["ok", "crash"]


def test_let_ends_with_a_worker_that_dies(job):
    with workers(job("kill"), job()) as running:
        dying, whole = running.running
        whole.process.pause()  # else it may end first
        running.let([dying], lambda worker: False)
        assert dying.ended
        assert whole in running.running
        dead, alive = running.finish()
    assert dead.reason == "killed by SIGKILL during 'measure'"
    assert alive.status == "ok"


LEAVING = """
import atexit, os, sys
request = sys.stdin.buffer.readline()
atexit.register(lambda: open(sys.argv[1], "w").write("left"))
os.write(1, sys.argv[2].encode() + b"\\n")
while not os.path.exists(sys.argv[1] + ".go"): pass
"""


def test_a_worker_that_finished_and_stands_still_leaves_by_itself(job, tmp_path, make_round):
    """Its own ending (files, locks, caches) is not cut off by a pause that came before it."""
    made = job()
    answer = make_round(made.request.case, status="unsupported", reason="no such update", round=0)
    line = msgspec.json.encode(Finished(answer)).decode()
    marker = tmp_path / "left"
    with workers(job(command=[sys.executable, "-c", LEAVING, str(marker), line])) as running:
        running.let(running.running, lambda worker: False)
        Path(f"{marker}.go").touch()
        (round_,) = running.finish()
    assert (round_.status, round_.reason) == ("unsupported", "no such update")
    assert marker.read_text() == "left"


def test_nothing_is_left_after_an_exception(job, processes):
    def stop(phase):
        if phase == "audit":
            assert all(map(is_there, processes))
            raise ZeroDivisionError

    with workers(job("hang"), job("hang"), on_phase=stop) as running, pytest.raises(ZeroDivisionError):
        running.finish()
    assert len(processes) == 2
    assert not any(map(is_there, processes))


def test_nothing_is_left_where_a_later_start_raises(job, processes, monkeypatch):
    begin = WorkerProcess.__init__

    def failing(self, *arguments):
        if processes:
            raise MemoryError
        begin(self, *arguments)

    monkeypatch.setattr(WorkerProcess, "__init__", failing)
    with pytest.raises(MemoryError):
        workers(job("hang"), job("hang")).__enter__()
    assert len(processes) == 1
    assert not is_there(processes[0])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("kill", "killed by SIGKILL during 'measure'"),
        ("reported", "MemoryError: too big; last output: allocating 9 GB"),
        ("garbage", "wrote an invalid answer, 'Welcome to libfoo 3.1!', during 'measure'"),
    ],
)
def test_together_the_first_failure_ends_all(job, processes, fault, reason):
    with workers(job("farewell"), job(fault), job("farewell"), together=True) as running:
        one, dying, other = running.running
        dying.process.pause()  # long before its fault; `finish` lets it go on
        running.let([one, other], lambda worker: worker.phase == "audit")
        first, failed, last = running.finish()
    assert failed.reason == reason
    for round_ in (first, last):
        assert (round_.status, round_.conditions) == ("crash", {"phase": "audit"})
        assert round_.reason == (
            "stopped after the failure of worker 2 of 3, during 'audit'; last output: waited for a lock"
        )
    assert not any(map(is_there, processes))


def test_together_nobody_waits_for_a_worker_that_could_not_be_started(job, processes):
    with workers(job("hang"), job(command=["/no/such/program"]), together=True) as running:
        assert running.running == []
        first, unstarted = running.finish()
    assert first.reason == "stopped after the failure of worker 2 of 2, during 'start'"
    assert unstarted.reason.startswith("could not be started")
    assert not is_there(processes[0])


def test_together_all_that_finish_are_whole(job):
    with workers(job(), job(), together=True) as running:
        assert [round_.status for round_ in running.finish()] == ["ok", "ok"]


def test_a_signal_from_outside_is_noted_of_the_worker_that_it_hit(job, processes):
    with workers(job("hang"), job("farewell"), together=True) as running:
        running.let(running.running, lambda worker: worker.phase == "audit")
        os.kill(processes[0], signal.SIGKILL)
        killed, other = running.finish()
    assert killed.conditions == {"phase": "audit", "signal": "SIGKILL"}
    assert other.conditions == {"phase": "audit"}
    assert "worker 1 of 2" in other.reason
