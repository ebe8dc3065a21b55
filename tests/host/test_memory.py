"""Exact peaks, in a process of their own: the test process's memory is not ours to reason about."""

import subprocess
import sys

import pytest

from embbench.host import memory
from embbench.host.groups import memory_groups

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


def test_bytes_in_huge_pages_are_those_that_the_system_tells(monkeypatch, tmp_path):
    told = tmp_path / "smaps_rollup"
    monkeypatch.setattr(memory, "ROLLUP", told)
    assert memory.huge_bytes() == 0
    told.write_text("00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:  9000 kB\nAnonHugePages:      6144 kB\n")
    assert memory.huge_bytes() == 6144 * 1024


def test_available_memory_is_below_what_there_is():
    import psutil

    assert 0 < memory.available_bytes() <= psutil.virtual_memory().total


def write_group(directory, most, used, cache, names=memory.GROUP_FILES[0]):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / names[0]).write_text(f"{most}\n")
    (directory / names[1]).write_text(f"{used}\n")
    (directory / "memory.stat").write_text(f"anon 1\n{names[2]} {cache}\nactive_file 9\n")


@pytest.mark.parametrize("names", memory.GROUP_FILES)
def test_a_control_groups_room_counts_cache_that_can_be_dropped(tmp_path, names):
    write_group(tmp_path, 1000, 900, 300, names)
    assert memory.group_room(tmp_path) == 400
    write_group(tmp_path, 1000, 1100, 0, names)
    assert memory.group_room(tmp_path) == 0
    write_group(tmp_path, "max", 900, 300)
    assert memory.group_room(tmp_path) is None
    assert memory.group_room(tmp_path / "none") is None


def test_the_tightest_group_above_a_process_bounds_it(tmp_path, monkeypatch):
    proc, mount = tmp_path / "proc", tmp_path / "groups"
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text("4:cpu,memory:/c\n1:cpu:/\n0::/../a/b\n")
    assert memory_groups(proc, mount) == [
        [mount / "memory" / "c", mount / "memory"],
        [mount / "a" / "b", mount / "a", mount],
    ]
    assert memory_groups(tmp_path / "none", mount) == []
    write_group(mount / "a" / "b", "max", 10, 0)
    write_group(mount / "a", 5000, 1000, 0)
    write_group(mount, 9000, 1000, 0)
    monkeypatch.setattr(memory, "memory_groups", lambda: memory_groups(proc, mount))
    assert memory.available_bytes() == 4000


def test_without_proc_the_peak_is_the_processs(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    monkeypatch.setattr(memory, "CLEAR_REFS", tmp_path / "no" / "such")
    assert memory.peak_bytes() > 2**20
    assert not memory.reset_peak()
    assert memory.resident_bytes() > 2**20


@pytest.mark.parametrize("descendants", [set(), {999_999_999}])
def test_a_process_without_children_has_none_however_its_own_memory_moves(tmp_path, monkeypatch, descendants):
    """Shares and what is resident are read one after the other, so that a moving process seems to share with others."""
    (tmp_path / "smaps_rollup").write_text("Pss_Anon: 900000 kB\nPss_Shmem: 0 kB\n")
    monkeypatch.setattr(memory, "ROLLUP", tmp_path / "smaps_rollup")
    monkeypatch.setattr(memory, "descendants", lambda: descendants)
    assert memory.children_bytes() == {}
