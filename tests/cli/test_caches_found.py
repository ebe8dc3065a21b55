"""What `doctor` says of caches."""

import pytest

from embbench.cli.findings import machine_findings
from tests.cli.test_plan_list_doctor import FACTS


@pytest.mark.parametrize(
    ("caches", "reach", "level", "told"),
    [
        ({"L1": 49152, "L2": 2097152}, None, "ok", "caches: L1 49.2 kB, L2 2.10 MB; the TLB reach is unknown"),
        ({"L1": 49152}, 14_680_064, "ok", "the TLB reaches 14.7 MB of ordinary pages"),
        ({}, None, "note", "caches: this system does not report their sizes"),
    ],
)
def test_caches_are_told_as_the_machine_has_them(caches, reach, level, told):
    found = machine_findings({**FACTS, "caches": caches, "tlb_reach": reach}, {})
    (one,) = [each for each in found if each.what.startswith("caches")]
    assert one.level == level
    assert told in one.what
