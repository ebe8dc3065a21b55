"""The claims of workloads in every framework: each holds, or the framework deviates as it is known to."""

import msgspec
import pytest

from embbench.cases.case import make_case
from embbench.cases.claim import Claim
from embbench.contenders import Contender, discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.contenders.auditing import Auditing, Job
from tests.contenders.covering import claimed

CASES = [(contender, axes) for contender in discover().values() for axes in claimed(contender.declaration)]


@pytest.mark.parametrize(
    ("contender", "claimed"), CASES, ids=[f"{each.name}-{'-'.join(axes.values())}" for each, axes in CASES]
)
def test_its_claims_hold_or_deviate_as_known(contender: Contender, claimed: dict[str, str], auditing: Auditing):
    if missing := missing_packages(contender):
        pytest.skip(how_to_install(missing))
    audit = auditing.result(Job(contender, claimed, False))
    assert "crash" not in audit, audit["crash"]
    if "unsupported" in audit:
        pytest.skip(audit["unsupported"])
    assert audit["passed"], audit["difference"]
    claims = msgspec.convert(audit["claims"], list[Claim])
    assert any(each.proof for each in claims)
    assert [each for each in claims if not each.holds and not each.known] == []
    assert len({each.name for each in claims}) == len(claims)


def test_a_value_that_the_engine_lacks_is_refused_before_a_process_starts():
    case = make_case({"workload": "inference", "table": "frozen", "way": "predict"})
    declared = discover()["pytorch"].declaration
    assert declared.path(case) == "way=predict: this contender has call, compiled, inference_mode, recorded"
    assert not isinstance(declared.path(msgspec.structs.replace(case, way="call")), str)
