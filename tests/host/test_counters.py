"""Events counted by the system: real ones that every Linux counts, and those that a machine does not."""

import mmap
import threading
from pathlib import Path

import pytest

from embbench.host import counters
from embbench.host.counters import SOFTWARE, counted

FAULTS = {"faults": (SOFTWARE, 2)}  # PERF_COUNT_SW_PAGE_FAULTS
PAGES = 1000


def touch():
    with mmap.mmap(-1, PAGES * mmap.PAGESIZE) as memory:
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        for page in range(PAGES):
            memory[page * mmap.PAGESIZE] = 1


def counts_here():
    return not isinstance(counted(lambda: None, FAULTS), str)


@pytest.mark.skipif(not counts_here(), reason="this system lets no process count its events")
class TestRealEvents:
    def test_page_faults_of_this_thread(self):
        assert PAGES <= counted(touch, FAULTS)["faults"] < 2 * PAGES

    def test_and_of_one_that_runs_already(self):
        go, done = threading.Event(), threading.Event()

        def wait_and_touch():
            go.wait()
            touch()
            done.set()

        thread = threading.Thread(target=wait_and_touch)
        thread.start()
        found = counted(lambda: (go.set(), done.wait()), FAULTS)
        thread.join()
        assert PAGES <= found["faults"] < 2 * PAGES

    def test_files_are_closed(self):
        files = Path("/proc/self/fd")
        before = len(list(files.iterdir()))
        for _ in range(50):
            counted(lambda: None, FAULTS)
        assert len(list(files.iterdir())) == before


def test_a_machine_that_does_not_count_says_why():
    told = counted(lambda: None, {"nothing": (SOFTWARE, 9999)})
    assert isinstance(told, str)
    assert told.startswith("hardware events are not counted")


def test_another_system_says_so(monkeypatch):
    monkeypatch.setattr(counters.platform, "system", lambda: "Darwin")
    assert counted(lambda: None, FAULTS) == f"hardware events are not counted on Darwin {counters.platform.machine()}"
