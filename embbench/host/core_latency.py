"""Core-to-core latency: how long a byte takes from one CPU to another and back, through their caches.

A hypervisor moves virtual CPUs between core complexes, and no counter in the guest shows that. On a two-CPU EPYC guest
a round trip took 270 ns in one state and 470 ns in the other, measured by this module. A step with a frozen table on
two threads took 11 and 14 ms. States lasted seconds to minutes (2026-11-25). Steps on one thread did not change.

Run as a program, this file is the measuring process: it needs only the standard library, and starts in about 15 ms.
"""

import contextlib
import json
import mmap
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations
from time import perf_counter_ns
from types import FrameType
from typing import Self

TRIPS, SKIPPED = 300, 50  # round trips of a pair; the first trips meet cold caches
PATIENCE = 0.02  # seconds for a pair; a pair takes longer if another program uses one of its CPUs
MOST_PAIRS = 8
ANSWER = 1.0  # seconds after which the probe gives up for good

Latency = tuple[int | None, ...]  # nanoseconds of a round trip by pair, None for a pair without an answer


def pairs(cpus: Sequence[int]) -> list[tuple[int, int]]:
    """The measured pairs of CPUs: all pairs if there are few, else pairs of neighbours over the whole range."""
    ordered = sorted(cpus)
    every = list(combinations(ordered, 2))
    if len(every) <= MOST_PAIRS:
        return every
    starts = [round(at * (len(ordered) - 2) / (MOST_PAIRS - 1)) for at in range(MOST_PAIRS)]
    return [(ordered[start], ordered[start + 1]) for start in starts]


class CoreProbe:
    """Measures the present latency. A context manager. A separate process measures: it starts with the first `read` and
    sleeps between reads, so that it may wait beside a measured process.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._mute = sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self) -> Latency:
        """Nanoseconds by `pairs` of the CPUs of this process; () if there is only one CPU or the system forbids it.
        Takes 2 to 6 ms per pair, on both CPUs of the pair: nothing may be timed meanwhile.
        """
        if self._mute:
            return ()
        try:
            self._process = self._process or _start()
        except OSError:  # no process can be started now; the measurement must go on
            self._mute = True
            return ()
        latency = self._ask(self._process)
        if latency is None:
            self._mute = True
            self._end()
        return latency or ()

    def _ask(self, process: "subprocess.Popen[bytes]") -> Latency | None:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(b"\n")
            process.stdin.flush()
        except OSError:  # it ended
            return None
        if not select.select([process.stdout], [], [], ANSWER)[0]:
            return None
        line = process.stdout.readline()
        return tuple(json.loads(line)) if line.endswith(b"\n") else None

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a terminal's Ctrl-C is for its parent
    )


def round_trip(one: int, other: int) -> int | None:
    """Median nanoseconds from CPU `one` to CPU `other` and back; None if all trips together take longer than PATIENCE.
    Moves this process to CPU `one`.
    """
    signal.signal(signal.SIGALRM, _give_up)
    with mmap.mmap(-1, mmap.PAGESIZE) as shared:
        partner = os.fork()
        if partner == 0:
            _answer(shared, other)
        try:
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
            os.sched_setaffinity(0, {one})
            times = [_trip(shared) for _ in range(TRIPS)]
        except (TimeoutError, OSError):
            times = []
        try:
            _end(partner)
        except TimeoutError:  # the timer fired only now, and fires once only
            _end(partner)
    return sorted(times[SKIPPED:])[(TRIPS - SKIPPED) // 2] if len(times) == TRIPS else None


def _end(partner: int) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    with contextlib.suppress(ProcessLookupError, ChildProcessError):  # the partner has ended already
        os.kill(partner, signal.SIGKILL)
        os.waitpid(partner, 0)


def _trip(shared: mmap.mmap) -> int:
    begin = perf_counter_ns()
    shared[0] = 1
    while shared[0]:
        pass
    return perf_counter_ns() - begin


def _answer(shared: mmap.mmap, cpu: int) -> None:
    """The partner: returns every byte until it is killed. Does not return."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 2 * PATIENCE)  # in case nobody is left to kill the partner
    try:
        os.sched_setaffinity(0, {cpu})
        while True:
            while not shared[0]:
                pass
            shared[0] = 0
    finally:
        os._exit(1)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def _serve() -> None:
    """Answers each line of stdin with a line, until stdin ends."""
    known = pairs(sorted(os.sched_getaffinity(0)))
    for _ in sys.stdin.buffer:
        print(json.dumps([round_trip(*pair) for pair in known]), flush=True)


if __name__ == "__main__":
    _serve()
