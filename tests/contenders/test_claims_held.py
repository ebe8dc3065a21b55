"""The claims of workloads in every framework: each holds, or the framework deviates as it is known to."""

from collections.abc import Sequence

import msgspec
import pytest

from embbench.cases.case import make_case
from embbench.cases.claim import Claim
from embbench.contenders import Contender, discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.contenders.auditing import Auditing, Job
from tests.contenders.covering import claimed, engine_of

CONTENDERS = discover()
Pair = tuple[Contender, dict[str, str]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All values with --all-pairs. Otherwise contenders share the values of a workload, in turn."""
    if "claimed" in metafunc.fixturenames:
        every = metafunc.config.getoption("all_pairs")
        found = [(each, axes) for each in CONTENDERS.values() for axes in claimed(each.declaration)]
        found = found if every else in_turn(found)
        names = [f"{each.name}-{'-'.join(axes.values())}" for each, axes in found]
        metafunc.parametrize(("contender", "claimed"), found, ids=names)


def in_turn(found: Sequence[Pair]) -> list[Pair]:
    """Few of all pairs of a contender and a value: each value once, and each engine with each of its workloads. A value
    goes to a contender whose engine has the fewest values of its workload so far; of several, to one that starts fast.
    """
    having: dict[str, list[Pair]] = {}
    for pair in found:
        having.setdefault(str(pair[1]), []).append(pair)
    shared: dict[tuple[str, str], list[Pair]] = {(engine_of(each), axes["workload"]): [] for each, axes in found}

    def load(pair: Pair) -> tuple[int, float]:
        return len(shared[engine_of(pair[0]), pair[1]["workload"]]), pair[0].declaration.start

    for pairs in sorted(having.values(), key=len):  # a value that few contenders have leaves the least choice
        contender, axes = min(pairs, key=load)
        shared[engine_of(contender), axes["workload"]].append((contender, axes))
    for each, axes in sorted(found, key=load):
        place = shared[engine_of(each), axes["workload"]]
        if not place:
            place.append((each, axes))
    return [pair for pairs in shared.values() for pair in pairs]


def test_each_value_and_each_workload_of_an_engine_has_its_turn():
    every = [(each, axes) for each in CONTENDERS.values() for axes in claimed(each.declaration)]
    few = in_turn(every)
    assert {str(axes) for _, axes in few} == {str(axes) for _, axes in every}
    workloads = [{(engine_of(each), axes["workload"]) for each, axes in pairs} for pairs in (few, every)]
    assert workloads[0] == workloads[1]
    assert len({(each.name, str(axes)) for each, axes in few}) == len(few)


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
