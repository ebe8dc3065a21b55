"""Exact peaks, in a process of their own: the test process's memory is not ours to reason about."""

import subprocess
import sys

import pytest

from embbench.host import memory

SPIKE = """
import mmap
from embbench.host.memory import peak_bytes, reset_peak, resident_bytes
SIZE = 300 * 2**20

def touch():
    block = mmap.mmap(-1, SIZE)
    for page in range(0, SIZE, 4096):
        block[page] = 1
    block.close()

touch()
worked, before = reset_peak(), resident_bytes()
quiet = peak_bytes()
touch()
spike, after = peak_bytes(), resident_bytes()
reset_peak()
print(worked, quiet - before, spike - before, after - before, peak_bytes() - after)
"""


@pytest.mark.skipif(not memory.CLEAR_REFS.exists(), reason="peaks can be reset on Linux only")
def test_a_short_spike_is_seen_exactly_and_a_reset_forgets_it():
    told = subprocess.run([sys.executable, "-c", SPIKE], capture_output=True, text=True, check=True)
    worked, *figures = told.stdout.split()
    quiet, spike, after, forgotten = map(int, figures)
    assert worked == "True"
    slop = 2 * 2**20
    assert abs(quiet) < slop
    assert abs(spike - 300 * 2**20) < slop
    assert abs(after) < slop
    assert abs(forgotten) < slop


def test_available_memory_is_below_what_there_is():
    import psutil

    assert 0 < memory.available_bytes() <= psutil.virtual_memory().total


def test_a_control_groups_limit_counts(tmp_path):
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("400\n")
    assert memory._group_room(tmp_path, "memory.max", "memory.current") == 600
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._group_room(tmp_path, "memory.max", "memory.current") is None


def test_without_proc_the_peak_is_the_processs(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    monkeypatch.setattr(memory, "CLEAR_REFS", tmp_path / "no" / "such")
    assert memory.peak_bytes() > 2**20
    assert not memory.reset_peak()
    assert memory.resident_bytes() > 2**20
