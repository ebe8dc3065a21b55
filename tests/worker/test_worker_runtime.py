"""What a worker makes of its runtime."""

import pytest

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.worker import runtime
from embbench.worker.note import NOTHING
from embbench.worker.runtime import about_runtime, check_runtime

HUGE = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


@pytest.fixture
def started_with(monkeypatch):
    return lambda variables, huge=0: (
        monkeypatch.setattr(runtime.os, "environ", variables),
        monkeypatch.setattr(runtime, "huge_bytes", lambda: huge),
    )


def test_a_process_that_was_started_otherwise_is_refused(started_with):
    started_with({"MALLOC_MMAP_MAX_": "0"})
    check_runtime("system")
    with pytest.raises(Unsupported, match="runtime=retained: this process was started without MALLOC_TRIM_THRESHOLD_"):
        check_runtime("retained")
    started_with({"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"})
    check_runtime("retained")


def test_a_runtime_of_another_version_is_refused(started_with):
    started_with({})
    with pytest.raises(Unsupported, match="runtime=new: the embbench of this process does not have it"):
        check_runtime("new")


@pytest.mark.parametrize(("share", "pages"), [(0.6, "huge"), (0.4, "ordinary")])
def test_pages_are_those_that_most_of_the_table_lies_in(started_with, share, pages):
    case = Case(runtime="hugepages")
    started_with({}, int(share * case.table_bytes))  # the contender may have changed the environment since the start
    assert about_runtime(case).ran == {"environment": "GLIBC_TUNABLES=glibc.malloc.hugetlb=1", "pages": pages}


def test_of_the_systems_runtime_nothing_is_told(started_with):
    started_with(HUGE, 10**12)
    assert about_runtime(Case()) == NOTHING
