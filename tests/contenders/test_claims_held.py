"""The claims of workloads in every framework: each holds, or the framework deviates as it is known to."""

import msgspec
import pytest

from embbench.cases.case import make_case
from embbench.cases.claim import Claim
from embbench.contenders import Contender, discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.contenders.auditing import Auditing, Job
from tests.contenders.covering import claimed

CONTENDERS = discover()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All values with --all-pairs. Otherwise contenders that share the files of an engine share the values, in turn."""
    if "claimed" in metafunc.fixturenames:
        every = metafunc.config.getoption("all_pairs")
        found = [(each, axes) for each in CONTENDERS.values() for axes in claimed(each.declaration)]
        found = [(each, axes) for each, axes in found if every or axes in in_turn(each)]
        names = [f"{each.name}-{'-'.join(axes.values())}" for each, axes in found]
        metafunc.parametrize(("contender", "claimed"), found, ids=names)


def in_turn(contender: Contender) -> list[dict[str, str]]:
    """The values of a contender among those that share its engine's workloads."""
    engine = contender.declaration.engine_workloads
    sharing = [name for name, each in CONTENDERS.items() if each.declaration.engine_workloads == engine]
    return claimed(contender.declaration)[sharing.index(contender.name) :: len(sharing)]


def test_contenders_that_share_an_engine_have_every_value_together():
    for contender in CONTENDERS.values():
        engine = contender.declaration.engine_workloads
        sharing = [each for each in CONTENDERS.values() if each.declaration.engine_workloads == engine]
        together = [axes for each in sharing for axes in in_turn(each)]
        assert sorted(map(str, together)) == sorted(map(str, claimed(contender.declaration)))


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
