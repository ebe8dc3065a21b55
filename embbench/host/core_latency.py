"""Core-to-core latency: how long a byte takes from one CPU to another and back, through their caches.

A hypervisor moves virtual CPUs between core complexes, and no counter inside tells. On a two-CPU EPYC guest a round
trip took 270 ns near and 470 ns far, as this module measures it, and a step with a frozen table on two threads 11 and
14 ms; states lasted seconds to minutes (2026-11-25). One thread notices nothing.

Run as a program, this file is the process that does it: it needs the standard library only, and starts in some 15 ms.
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

TRIPS, SKIPPED = 300, 50  # of a pair; the first ones find cold caches
PATIENCE = 0.02  # seconds for a pair; another program that has one of its CPUs takes longer
MOST_PAIRS = 8
ANSWER = 1.0  # seconds after which nothing more is asked

Latency = tuple[int | None, ...]  # nanoseconds of a round trip by pair, None where a pair did not answer


def pairs(cpus: Sequence[int]) -> list[tuple[int, int]]:
    """Which CPUs are held against each other: all pairs where these are few, else neighbours all over the range."""
    ordered = sorted(cpus)
    every = list(combinations(ordered, 2))
    if len(every) <= MOST_PAIRS:
        return every
    starts = [round(at * (len(ordered) - 2) / (MOST_PAIRS - 1)) for at in range(MOST_PAIRS)]
    return [(ordered[start], ordered[start + 1]) for start in starts]


class CoreProbe:
    """Tells the latency now. A context manager: a process of its own measures, which starts with the first question and
    sleeps between questions, so that it may wait beside a measured process.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._mute = sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self) -> Latency:
        """By `pairs` of the CPUs that this process may use; () where there is one CPU, or the system does not allow it.
        It takes 2 to 6 ms a pair, on both of its CPUs: nothing must be timed meanwhile.
        """
        if self._mute:
            return ()
        try:
            self._process = self._process or _start()
        except OSError:  # no process may be started now, which must not end what is measured
            self._mute = True
            return ()
        told = self._ask(self._process)
        if told is None:
            self._mute = True
            self._end()
        return told or ()

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
    """Median nanoseconds from CPU `one` to CPU `other` and back; None where it takes longer than PATIENCE in all. Moves
    this process to CPU `one`.
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
        except TimeoutError:  # it came only now, and does not come twice
            _end(partner)
    return sorted(times[SKIPPED:])[(TRIPS - SKIPPED) // 2] if len(times) == TRIPS else None


def _end(partner: int) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    with contextlib.suppress(ProcessLookupError, ChildProcessError):  # it was ended before
        os.kill(partner, signal.SIGKILL)
        os.waitpid(partner, 0)


def _trip(shared: mmap.mmap) -> int:
    begin = perf_counter_ns()
    shared[0] = 1
    while shared[0]:
        pass
    return perf_counter_ns() - begin


def _answer(shared: mmap.mmap, cpu: int) -> None:
    """The partner: sends back what comes, until it is killed; does not return."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 2 * PATIENCE)  # where nobody is left to kill it
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
    """Answers each line of stdin with a line, until it ends."""
    known = pairs(sorted(os.sched_getaffinity(0)))
    for _ in sys.stdin.buffer:
        print(json.dumps([round_trip(*pair) for pair in known]), flush=True)


if __name__ == "__main__":
    _serve()
