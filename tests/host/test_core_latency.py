"""Core-to-core latency: by real processes on real CPUs."""

import os
import signal
import sys

import psutil
import pytest

from embbench.host.core_latency import ANSWER, MOST_PAIRS, CoreProbe, pairs
from tests.sharing import ALL_CPUS

pytestmark = pytest.mark.usefixtures("all_cpus")
several = pytest.mark.skipif(
    sys.platform != "linux" or len(ALL_CPUS) < 2,
    reason="there is one CPU, or no way to choose among them",
)


@pytest.mark.parametrize(
    ("cpus", "expected"),
    [
        ([1, 0], [(0, 1)]),
        ([2, 5, 7], [(2, 5), (2, 7), (5, 7)]),
        (range(9), [(at, at + 1) for at in range(8)]),
        (range(64), [(0, 1), (9, 10), (18, 19), (27, 28), (35, 36), (44, 45), (53, 54), (62, 63)]),
    ],
)
def test_few_cpus_are_held_against_each_other_and_of_many_some_neighbours(cpus, expected):
    assert pairs(cpus) == expected
    assert len(expected) <= MOST_PAIRS


@several
def test_each_pair_tells_its_nanoseconds():
    """Less than the speed of light allows for a centimetre would be none, and so would be a time slice."""
    with CoreProbe() as probe:
        told = [probe.read() for _ in range(20)]
    assert {len(each) for each in told} == {len(pairs(os.sched_getaffinity(0)))}
    known = [value for each in told for value in each if value is not None]
    assert known
    assert all(20 < value < 1e6 for value in known)


@several
def test_nothing_is_left_of_it():
    before = set(psutil.Process().children(recursive=True))
    with CoreProbe() as probe:
        probe.read()
        assert set(psutil.Process().children(recursive=True)) - before
    assert not set(psutil.Process().children(recursive=True)) - before


def test_one_cpu_is_next_to_none(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {3})
    with CoreProbe() as probe:
        assert probe.read() == ()


@several
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_probe_that_does_not_answer_is_asked_once(number, monkeypatch):
    """Whoever measures goes on without it."""
    monkeypatch.setattr(f"{CoreProbe.__module__}.ANSWER", ANSWER / 100)
    before = set(psutil.Process().children())
    with CoreProbe() as probe:
        probe._ask = lambda process, asked=probe._ask: (process.send_signal(number), process.poll(), asked(process))[2]
        assert probe.read() == ()
        assert set(psutil.Process().children()) == before
        assert probe.read() == ()
        assert set(psutil.Process().children()) == before


@several
def test_where_no_process_can_be_started_it_tells_nothing(monkeypatch):
    """What is measured must not end for that."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with CoreProbe() as probe:
        assert probe.read() == ()
