"""What `doctor` says of caches."""

import pytest

from embbench.cli.findings import machine_findings
from tests.cli.test_plan_list_doctor import FACTS


@pytest.mark.parametrize(
    ("caches", "reach", "level", "told"),
    [
        ({"L1": 49152, "L2": 2097152}, None, "ok", "caches: L1 49.2 kB, L2 2.10 MB; address translation is not told"),
        ({"L1": 49152}, 14_680_064, "ok", "address translation reaches 14.7 MB in ordinary pages"),
        ({}, None, "note", "caches: this system does not say how large they are"),
    ],
)
def test_caches_are_told_as_the_machine_has_them(caches, reach, level, told):
    found = machine_findings({**FACTS, "caches": caches, "tlb_reach": reach}, {})
    (one,) = [each for each in found if each.what.startswith("caches")]
    assert one.level == level
    assert told in one.what
