"""The contract, for every file of the contenders' directory: each pair does what its class says."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from embbench.contenders import Contender, discover, missing_packages
from embbench.host.machine import usable_cpus
from embbench.launch.preflight import how_to_install
from embbench.spec.case import make_case
from embbench.spec.contender import PROFILED
from tests.contenders.audit_all import audit_all, pairs
from tests.fakes import fake

Audits = dict[str, dict]


def by_axes(path: str, temporary: Path) -> Audits:
    return {json.dumps(line["axes"]): line for line in audit_all(path, temporary)}


def seconds(contender: Contender) -> float:
    """That its audits take, by its own word."""
    declared = contender.declaration
    paths = (declared.path(make_case(axes)) for axes in pairs(declared))
    return sum(declared.start if path.start is None else path.start for path in paths)


@pytest.fixture(scope="module")
def audits(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Contender], Audits]]:
    """Of each contender that a selected test asks for, as many at a time as there are CPUs: some take minutes, and
    those come first, so that none is waited for alone.
    """
    asking = [item for item in request.session.items if "audits" in getattr(item, "fixturenames", ())]
    asked = {item.callspec.params["contender"].path: item.callspec.params["contender"] for item in asking}
    place = tmp_path_factory.mktemp("audits")
    with ThreadPoolExecutor(usable_cpus()) as pool:
        there = [each for each in asked.values() if not missing_packages(each)]
        there.sort(key=seconds, reverse=True)
        running = {each.path: pool.submit(by_axes, each.path, place) for each in there}

        def wait(contender: Contender) -> Audits:
            if contender.path not in running:
                pytest.skip(how_to_install(missing_packages(contender)))
            return running[contender.path].result()

        yield wait
        for each in running.values():
            each.cancel()


CONTENDERS = [*discover().values(), discover([fake.__file__])["fake"]]
PAIRS = [(contender, axes) for contender in CONTENDERS for axes in pairs(contender.declaration)]


@pytest.mark.parametrize(
    ("contender", "axes"), PAIRS, ids=[f"{contender.name}-{'-'.join(axes.values())}" for contender, axes in PAIRS]
)
def test_it_does_what_it_declares(contender: Contender, axes: dict[str, str], audits):
    audit = audits(contender)[json.dumps(axes)]
    if "unsupported" in audit:
        pytest.skip(audit["unsupported"])
    assert audit["passed"], audit["difference"]
    assert audit["checks"] > 20
    assert audit["max_error"] < {"float32": 1e-4, "float64": 1e-9}[axes["dtype"]]


def test_one_more_contender_is_one_file_more(tmp_path: Path):
    """Written anywhere, edited nowhere else: listed, audited and told of like those that are built in."""
    source = Path(discover()["numpy"].path).read_text(encoding="utf-8")
    path = tmp_path / "one_more.py"
    path.write_text(source.replace('"summary": "', '"summary": "one more: '), encoding="utf-8")
    contender = discover([str(path)])["one_more"]
    assert contender.declaration.summary.startswith("one more: ")
    found = by_axes(str(path), tmp_path)
    for axes in pairs(contender.declaration):
        assert found[json.dumps(axes)]["passed"]


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_it_says_what_ran(contender: Contender, audits):
    found = [audit["ran"] for audit in audits(contender).values() if "unsupported" not in audit]
    assert found, "this machine supports none of its cases"
    for ran in found:
        assert ran["lstm"] != "unknown"
        assert ran["optimizer"]


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_its_parts_make_a_step(contender: Contender, audits):
    """One after the other they do what a step does; looking up, the network by itself and what is within
    a part move no row.
    """
    for audit in audits(contender).values():
        if parts := audit.get("parts"):
            most = {"float32": 1e-5, "float64": 1e-12}[audit["axes"]["dtype"]]
            assert parts["rows"] < most, audit["axes"]
            assert parts["rows by looking"] == 0, audit["axes"]
            assert parts["loss"] < 1e-5, audit["axes"]


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_the_file_is_small(contender: Contender):
    assert len(Path(contender.path).read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_its_profile_has_the_names_that_are_held_against_parts(contender: Contender, audits):
    for audit in audits(contender).values():
        profile = audit.get("profile", {})
        assert set(profile) <= set(PROFILED), audit["axes"]
        assert all(seconds > 0 for seconds in profile.values()), audit["axes"]
        assert not (audit["axes"]["table"] == "frozen" and "gradient" in profile), audit["axes"]
