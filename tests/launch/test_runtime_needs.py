"""Where a runtime cannot be had: said before a process is started."""

import pytest

from embbench.cases.runtimes import RUNTIMES, SYSTEM
from embbench.launch import runtime_needs
from embbench.launch.process import environment
from embbench.launch.runtime_needs import lacking

RETAINED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"}


@pytest.fixture
def system(monkeypatch):
    def make(library=("glibc", (2, 36)), mode="madvise"):
        monkeypatch.setattr(runtime_needs, "c_library", lambda: library)
        monkeypatch.setattr(runtime_needs, "huge_page_mode", lambda: mode)
        monkeypatch.setattr(runtime_needs.platform, "system", lambda: "Darwin")

    return make


def test_with_all_that_they_need_there_are_all(system):
    system()
    assert {lacking(name, "cpu", {}) for name in RUNTIMES} == {""}


@pytest.mark.parametrize(
    ("runtime", "library", "mode", "told"),
    [
        ("retained", None, "madvise", "runtime=retained needs glibc; this system has Darwin's"),
        ("retained", ("glibc", (2, 17)), None, ""),
        ("hugepages", ("glibc", (2, 34)), "always", "needs glibc 2.35 or later; this system has glibc 2.34"),
        ("hugepages", ("glibc", (2, 35)), "always", ""),
        ("hugepages", ("glibc", (3, 0)), "always", ""),
        ("hugepages", ("glibc", (2, 36)), "never", "transparent huge pages are off here"),
        ("hugepages", ("glibc", (2, 36)), None, "no such file"),
        (SYSTEM, None, None, ""),
    ],
)
def test_what_is_lacking_is_said(system, runtime, library, mode, told):
    system(library, mode)
    found = lacking(runtime, "cpu", {})
    assert told in found
    assert bool(found) == bool(told)


def test_it_is_about_the_hosts_memory(system):
    system()
    assert lacking("retained", "cuda", {}) == "runtime=retained is about the host's memory: it has --device cpu only"
    assert lacking(SYSTEM, "cuda", {}) == ""


def test_what_a_user_sets_already_is_not_set_over(system):
    system()
    told = {"MALLOC_MMAP_MAX_": "7", "MALLOC_ARENA_MAX": "1"}
    assert lacking("retained", "cpu", told).startswith("runtime=retained sets MALLOC_MMAP_MAX_=0, and your environment")
    assert lacking(SYSTEM, "cpu", told) == lacking("hugepages", "cpu", told) == ""


def test_a_process_that_was_started_with_the_variables_may_go_on(system):
    """As pytest must be, to measure a case of the runtime in its own process."""
    system()
    assert lacking("retained", "cpu", RETAINED) == ""


def test_the_launcher_sets_the_variables():
    plain = environment(1, "cpu", "/tmp", {})
    assert environment(1, "cpu", "/tmp", {}, runtime="retained") == plain | RETAINED
    assert environment(1, "cpu", "/tmp", {}, runtime=SYSTEM) == plain
