"""Real processes: how a worker's every ending becomes a Round, and that nothing it started stays behind."""

import os
import re
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from embbench.launch import attempt as attempts
from embbench.launch import conversation as conversations
from embbench.launch.conversation import Conversation
from embbench.launch.executor import ProcessExecutor
from embbench.launch.interrupts import Interrupts
from embbench.store.exchange import Request

HERE = Path(__file__).parent
STUB = HERE / "stub_worker.py"


@pytest.fixture
def ask(origin, plan, contenders):
    """One round of the stub worker with a fault: (its Round, phases entered)."""

    def go(fault, interrupts=None, on_phase=lambda name: None, clock=time.monotonic):
        made = plan(rounds=1)
        request = Request(
            run="r", suite="s", case=made.cases[0], round=0, protocol=made.protocol, contender=contenders["plain"].path
        )
        phases = []

        def entered(name):
            phases.append(name)
            on_phase(name)

        executor = ProcessExecutor(origin, interrupts, [sys.executable, str(STUB), fault], grace=0.2, clock=clock)
        return executor.execute(request, 60.0, entered), phases

    return go


def is_alive(pid: int) -> bool:
    """A zombie that nobody has reaped yet is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_good_worker_answers_with_its_own_round_and_its_threads_set(ask):
    round_, phases = ask("fine")
    assert (round_.status, phases) == ("ok", ["import", "build", "measure"])
    assert round_.conditions == {"threads": "1"}
    assert round_.metrics["step_time"].values[0] > 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("kill", "killed by SIGKILL during 'measure'"),
        ("crash", "killed by SIGSEGV during 'measure'; last output: loading | last words"),
        ("abort_with_frames", "killed by SIGABRT during 'measure'; last output: F1129 waited for 40 seconds"),
        ("garbage", "wrote an invalid answer, 'Welcome to libfoo 3.1!', during 'measure'"),
        ("half", "ended with exit code 0 during 'measure'"),
        ("silent", "ended with exit code 0 during 'measure'"),
        ("orphan", "ended with exit code 7 during 'measure'"),
        ("mute", "closed its stdout without finishing during 'measure'"),
        ("other", "wrote an invalid answer, a round of another case, during 'measure'"),
    ],
)
def test_each_bad_ending_is_a_crash_with_its_reason(ask, origin, fault, reason):
    round_, _ = ask(fault)
    assert (round_.status, round_.reason) == ("crash", reason)
    outside = {"signal": "SIGKILL"} if fault == "kill" else {}
    assert round_.conditions == {"phase": "measure", **outside}
    assert round_.machine == origin.machine
    assert round_.software == origin.software["plain"]
    assert round_.started.endswith("+00:00")


def test_a_worker_that_is_no_program_of_ours(origin, plan):
    made = plan(rounds=1)
    request = Request(run="r", suite="s", case=made.cases[0], round=0, protocol=made.protocol, contender="x")
    round_ = ProcessExecutor(origin, None, [sys.executable, "-c", "import no_such"], grace=0.2).execute(
        request, 60, print
    )
    assert round_.status == "crash"
    assert round_.reason.startswith("ended with exit code 1 during 'start'; last output: ")
    assert round_.reason.endswith("ModuleNotFoundError: No module named 'no_such'")


def test_a_worker_that_cannot_be_started_is_a_crash(origin, plan):
    made = plan(rounds=1)
    request = Request(run="r", suite="s", case=made.cases[0], round=0, protocol=made.protocol, contender="x")
    round_ = ProcessExecutor(origin, None, ["/no/such/program"]).execute(request, 60, print)
    assert (round_.status, round_.conditions) == ("crash", {"phase": "start"})
    assert round_.reason == "could not be started: /no/such/program: No such file or directory"


@pytest.mark.parametrize("name", ["embbench.py", "statistics.py"])
def test_files_in_the_users_directory_stand_in_for_no_module(origin, plan, contenders, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("raise SystemExit(9)")
    made = plan(rounds=1, axes={"optimizer": ["adam"]})
    request = Request(
        run="r", suite="s", case=made.cases[0], round=0, protocol=made.protocol, contender=contenders["plain"].path
    )
    round_ = ProcessExecutor(origin, None).execute(request, 60, lambda phase: None)
    assert (round_.status, round_.reason) == ("unsupported", "the test contender has no adam")


def test_a_failure_that_the_worker_reports_quotes_what_led_to_it(ask):
    round_, _ = ask("reported")
    assert (round_.status, round_.reason) == ("oom_host", "MemoryError: too big; last output: allocating 9 GB")


def test_much_stderr_blocks_nobody(ask):
    assert ask("flood")[0].status == "ok"


def test_endless_stderr_is_read_once_a_turn_and_its_end_is_bounded(monkeypatch):
    reads = []

    def read(file):
        reads.append(file)
        assert len(reads) < 1000
        return b"more\n"

    monkeypatch.setattr(conversations, "read_available", read)
    conversation = Conversation(SimpleNamespace(stderr=2), None, print)
    assert conversation._errors()
    assert len(reads) == 1
    assert conversation.last_words("") == "more | more | more"


@pytest.mark.parametrize("fault", ["hang", "hang apart"])
def test_timeout_ends_a_worker_and_its_child_that_ignore_sigterm(ask, clock, fault):
    def pass_time(phase):
        clock.now += 61.0 if phase == "audit" else 0.0

    round_, _ = ask(fault, on_phase=pass_time, clock=clock)
    assert round_.status == "timeout"
    assert round_.reason.startswith("no answer within 60.0 s, killed by SIGKILL during 'audit'; last output: pids ")
    pids = [int(pid) for pid in re.search(r"pids (\d+) (\d+)", round_.reason).groups()]
    assert not any(map(is_alive, pids))


def test_last_words_are_those_of_the_end(ask, clock):
    def pass_time(phase):
        clock.now += 61.0 if phase == "audit" else 0.0

    round_, _ = ask("farewell", on_phase=pass_time, clock=clock)
    assert round_.reason == (
        "no answer within 60.0 s, ended with exit code 0 during 'audit'; last output: waited for a lock"
    )


def test_timeout_of_a_worker_that_never_speaks(origin, plan):
    made = plan(rounds=1)
    request = Request(run="r", suite="s", case=made.cases[0], round=0, protocol=made.protocol, contender="x")
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    round_ = ProcessExecutor(origin, None, command, grace=5.0).execute(request, 0.01, print)
    assert round_.status == "timeout"
    assert round_.reason == "no answer within 10.0 ms, killed by SIGTERM during 'start'"


@pytest.fixture
def interruptible():
    """Whatever runs these tests in the background may ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_parent_ends_the_worker_and_its_child(ask, number, interruptible):
    with Interrupts() as interrupts:
        stop = lambda name: os.kill(os.getpid(), number) if name == "audit" else None  # noqa: E731
        round_, _ = ask("hang", interrupts=interrupts, on_phase=stop)
        assert round_.status == "interrupted"
        assert round_.reason.startswith(f"{number.name} during 'audit'")
        assert interrupts
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Late(Interrupts):
    """The signal that ended a worker comes to this process too, once the process waits for it."""

    def wait(self, seconds):
        os.kill(os.getpid(), signal.SIGTERM)
        return super().wait(seconds)


def test_a_signal_to_all_processes_of_a_job_is_an_interrupt_in_whatever_order_they_get_it(ask, interruptible):
    with Late() as interrupts:
        round_, _ = ask("terminated", interrupts=interrupts)
    assert (round_.status, round_.reason) == ("interrupted", "SIGTERM during 'measure'")
    assert round_.conditions == {"phase": "measure"}


def test_a_signal_to_the_worker_alone_is_a_crash(ask, monkeypatch):
    monkeypatch.setattr(attempts, "SHORTLY", 0.01)
    with Interrupts() as interrupts:
        round_, _ = ask("terminated", interrupts=interrupts)
    assert (round_.status, round_.reason) == ("crash", "killed by SIGTERM during 'measure'")
    assert round_.conditions == {"phase": "measure", "signal": "SIGTERM"}


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupts
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_kill_while_the_kernel_is_out_of_memory_is_told_apart(ask, monkeypatch):
    counts = iter([(0, 3), (0, 4)])
    monkeypatch.setattr(attempts, "oom_kills", lambda: next(counts))
    round_, _ = ask("kill")
    assert round_.status == "oom_host"
    assert round_.reason == "killed by SIGKILL, since memory ran out, during 'measure'"


def test_an_abort_for_want_of_memory_is_told_apart(ask, monkeypatch):
    round_, _ = ask("bad_alloc")
    assert round_.status == "oom_host"
    assert round_.reason.startswith("killed by SIGABRT, since memory ran out, during 'measure'; last output: ")
    assert "std::bad_alloc" in round_.reason
    counts = iter([(0, 3), (0, 4)])  # the kernel killed another program meanwhile
    monkeypatch.setattr(attempts, "oom_kills", lambda: next(counts))
    round_, _ = ask("abort")
    assert (round_.status, round_.reason) == ("crash", "killed by SIGABRT during 'measure'")


@pytest.mark.parametrize("fault", ["fine", "leave_files_and_die"])
def test_temporary_files_go_with_the_worker(ask, tmp_path, monkeypatch, fault):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen = []
    round_, _ = ask(fault, on_phase=lambda name: seen.extend(path.name for path in tmp_path.rglob("*")))
    assert round_.status == ("ok" if fault == "fine" else "crash")
    assert any(name.startswith("embbench-") for name in seen)
    assert ("left behind" in seen) == (fault != "fine")
    assert not list(tmp_path.iterdir())
