"""Caption lines about caches; a file of others may hold anything."""

import msgspec
import pytest

from embbench.report.caches import about_caches, known_sizes
from tests.made_up import MACHINE, case, measured, values

CACHES = {"caches": {"L1": 48 << 10, "L3": 480 << 20}, "tlb_reach": 14 << 20}


def line(conditions, **machine):
    (made,) = measured(case(), [0.02], machine={**MACHINE, **machine}, conditions=conditions)
    return msgspec.structs.replace(made, metrics={**made.metrics, "table_time": values("table_time", 1e-3)})


def test_what_is_told():
    told = about_caches([line({"displaced_bytes": 1 << 29, "counters": "events are not counted here: none"}, **CACHES)])
    assert told == [
        ("caches", "L1 49.2 kB · L3 503 MB · the TLB reaches 14.7 MB of ordinary pages"),
        ("displaced", "as many threads as the step has wrote 537 MB before each lookup and each gradient"),
        ("not counted", "events are not counted here: none"),
    ]


def test_what_displaced_less_than_the_largest_cache_says_so():
    (_, displaced) = about_caches([line({"displaced_bytes": 1 << 26}, **CACHES)])
    assert "wrote 67.1 MB, less than the largest cache, before" in displaced[1]


@pytest.mark.parametrize("odd", [[1], {"a": 1}, "537", -1, 0, True, 10**400, None], ids=str)
def test_odd_values_are_left_out(odd):
    assert about_caches([line({"displaced_bytes": odd, "counters": odd if not isinstance(odd, str) else None})]) == []
    assert known_sizes({"caches": {"L1": odd}, "tlb_reach": odd}) == {}
    assert isinstance(odd, dict) or known_sizes({"caches": odd}) == {}


def test_without_a_table_by_itself_there_is_nothing():
    assert about_caches(measured(case(), [0.02])) == []
