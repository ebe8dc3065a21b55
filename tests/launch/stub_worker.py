"""Stands in for the worker: one real step of the contender, or the fault that its argument names.

usage: stub_worker.py [FAULT]. FAULT `gate:FILE` tells FILE, a named pipe, its process id and waits for ever
on the larger vocabulary, while FILE exists.
"""

import ctypes
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from embbench.cases.case import Case, case_id
from embbench.contenders import read, software
from embbench.host.machine import machine_facts
from embbench.launch.origin import now
from embbench.store.exchange import Entered, Finished, Request
from embbench.store.round import Round, Values
from embbench.workloads import draw_tokens


def say(answer):
    os.write(replies, msgspec.json.encode(answer) + b"\n")


def sleep_for_ever():
    while True:
        signal.pause()


def ignore_the_end_with_a_child(apart=False):
    """Both write their process ids where the test finds them: on stderr, which the reason quotes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ignoring = "import signal; signal.signal(15, signal.SIG_IGN); print('set', flush=True)\nwhile True: signal.pause()"
    command = [sys.executable, "-c", ignoring]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=apart)
    child.stdout.readline()
    print(f"pids {os.getpid()} {child.pid}", file=sys.stderr, flush=True)
    say(Entered("audit"))
    sleep_for_ever()


def crash():
    print("loading\nlast words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def abort_with_frames():
    """As abseil does, whose stack trace comes after the reason."""
    print("F1129 waited for 40 seconds\n*** Check failure stack trace: ***\n    @     0x7f8  x::y()", file=sys.stderr)
    os.abort()


def leave_files_and_die():
    (Path(tempfile.gettempdir()) / "left behind").write_text("a kernel")
    say(Entered("audit"))
    os.kill(os.getpid(), signal.SIGKILL)


def say_farewell():
    """Says why only when it is asked to end."""
    signal.signal(signal.SIGTERM, lambda *_: (os.write(2, b"waited for a lock\n"), os._exit(0)))
    say(Entered("audit"))
    sleep_for_ever()


def report_a_failure():
    print("allocating 9 GB\n  ~~~^^^\nMemoryError: too big", file=sys.stderr, flush=True)
    say(Finished(answer(request.case, [], "oom_host", "MemoryError: too big")))


def leave_a_child_with_the_pipes():
    subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], stdout=replies)
    os._exit(7)


def throw_bad_alloc():
    """Where nothing catches it: C++ says so and aborts."""
    ctypes.CDLL("libstdc++.so.6")["_ZSt17__throw_bad_allocv"]()


FAULTS = {
    "bad_alloc": throw_bad_alloc,
    "abort": os.abort,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "terminated": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "abort_with_frames": abort_with_frames,
    "crash": crash,
    "leave_files_and_die": leave_files_and_die,
    "hang": ignore_the_end_with_a_child,
    "hang apart": lambda: ignore_the_end_with_a_child(apart=True),
    "farewell": say_farewell,
    "reported": report_a_failure,
    "garbage": lambda: os.write(replies, b"Welcome to libfoo 3.1!\n"),
    "half": lambda: (os.write(replies, b'{"type":"finis'), os._exit(0)),
    "silent": lambda: os._exit(0),
    "orphan": leave_a_child_with_the_pipes,
    "mute": lambda: (os.close(replies), os.close(1), sleep_for_ever()),
    "flood": lambda: [print("x" * 1000, file=sys.stderr) for _ in range(500)],
    "other": lambda: say(Finished(answer(Case(), []))),
    "fine": lambda: None,
}


def answer(case, values, status="ok", reason=None):
    metrics = {"step_time": Values("s", "wall", "lower", tuple(values))} if values else {}
    return Round(
        run=request.run, suite=request.suite, case_id=case_id(case), case=case, round=request.round,
        protocol=request.protocol, status=status, reason=reason, metrics=metrics,
        machine=machine_facts(), software=software(read(Path(request.contender))),
        conditions={"threads": os.environ["OMP_NUM_THREADS"]}, started=now(),
    )  # fmt: skip


request = msgspec.json.decode(sys.stdin.buffer.readline(), type=Request)
replies = os.dup(1)
os.set_inheritable(replies, True)
os.dup2(2, 1)
say(Entered("import"))
spec = importlib.util.spec_from_file_location("contender", request.contender)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
say(Entered("build"))
trial = module.prepare(request.case, draw_tokens(request.case, 1, request.source))
say(Entered("measure"))
fault = sys.argv[1] if len(sys.argv) > 1 else "fine"
if fault.startswith("gate:"):
    if Path(fault[5:]).exists() and request.case.vocab > 1000:
        Path(fault[5:]).write_text(str(os.getpid()))
        sleep_for_ever()
else:
    FAULTS[fault]()
begun = time.perf_counter()
trial.step()
trial.sync()
say(Finished(answer(request.case, [time.perf_counter() - begun])))
