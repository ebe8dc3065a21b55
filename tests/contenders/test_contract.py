"""The contract, for every file of the contenders' directory: each pair does what its class says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from embbench.cases.capabilities import PROFILED
from embbench.contenders import Contender, discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.contenders.auditing import Auditing, jobs_for, work_off
from tests.contenders.covering import chosen
from tests.contenders.from_inside import CONSECUTIVE
from tests.fakes import fake

Audits = dict[str, dict]


@pytest.fixture
def audits(auditing: Auditing, request: pytest.FixtureRequest) -> Callable[[Contender], Audits]:
    """The audits of a contender, by axes, without those whose process died: each of those fails by itself."""

    def wait(contender: Contender) -> Audits:
        if missing := missing_packages(contender):
            pytest.skip(how_to_install(missing))
        if (device := request.config.getoption("device")) not in contender.declaration.devices:
            pytest.skip(f"no --device {device}")
        jobs = jobs_for(request.config, contender)
        found = {json.dumps(job.axes): auditing.result(job) for job in jobs}
        return {axes: audit for axes, audit in found.items() if "crash" not in audit}

    return wait


CONTENDERS = [*discover().values(), discover([fake.__file__])["fake"]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "axes" in metafunc.fixturenames:
        found = [(contender, axes) for contender in CONTENDERS for axes in chosen(metafunc.config, contender)]
        names = [f"{contender.name}-{'-'.join(axes.values())}" for contender, axes in found]
        metafunc.parametrize(("contender", "axes"), found, ids=names)


def test_it_does_what_it_declares(contender: Contender, axes: dict[str, str], auditing: Auditing, request):
    if missing := missing_packages(contender):
        pytest.skip(how_to_install(missing))
    (job,) = [job for job in jobs_for(request.config, contender) if job.axes == axes]
    audit = auditing.result(job)
    assert "crash" not in audit, audit["crash"]
    if "unsupported" in audit:
        pytest.skip(audit["unsupported"])
    assert audit["passed"], audit["difference"]
    assert audit["checks"] > 20
    assert audit["max_error"] < {"float32": 1e-4, "float64": 1e-9}[axes["dtype"]]


def test_one_more_contender_is_one_file_more(tmp_path: Path, request: pytest.FixtureRequest):
    """Written anywhere, edited nowhere else: listed, audited and told of like those that are built in."""
    source = Path(discover()["numpy"].path).read_text(encoding="utf-8")
    path = tmp_path / "one_more.py"
    path.write_text(source.replace('"summary": "', '"summary": "one more: '), encoding="utf-8")
    contender = discover([str(path)])["one_more"]
    assert contender.declaration.summary.startswith("one more: ")
    jobs, found = jobs_for(request.config, contender), []
    work_off(jobs, tmp_path, lambda job, told: found.append((job, told)))
    assert [job for job, _ in found] == jobs
    for _, told in found:
        assert told["passed"], told


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


STEPS_ITS_TABLE = {"pytorch", "jax_optax", "tf_function", "fbgemm", "numpy"}
STEPPING = [contender for contender in CONTENDERS if contender.name in STEPS_ITS_TABLE]


@pytest.mark.parametrize("contender", STEPPING, ids=lambda contender: contender.name)
def test_its_table_by_itself_moves_as_the_oracle_has_it(contender: Contender, audits):
    found = [audit for audit in audits(contender).values() if "unsupported" not in audit]
    told = [(audit["axes"], audit["table alone"]) for audit in found if "table alone" in audit]
    assert {axes["table"] for axes, _ in told} >= {audit["axes"]["table"] for audit in found} & {"frozen", "trainable"}
    for axes, verdict in told:
        assert verdict["class"], axes
        assert verdict["passed"], (axes, verdict["difference"])
        assert verdict["checks"] >= 2, axes


@pytest.mark.parametrize("contender", discover().values(), ids=lambda contender: contender.name)
def test_the_file_is_small(contender: Contender):
    assert len(Path(contender.path).read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_its_profile_has_the_names_that_are_held_against_parts(contender: Contender, audits):
    for audit in audits(contender).values():
        profile = audit.get("profile", {})
        assert set(profile) <= set(PROFILED), audit["axes"]
        assert all(seconds > 0 for seconds in profile.values()), audit["axes"]
        assert not (audit["axes"]["table"] == "frozen" and "gradient" in profile), audit["axes"]


BUILT_IN = [contender for contender in CONTENDERS if contender.name != "fake"]
OWN_STATES = {
    "sgd": [],
    "momentum": ["velocity"],
    "adagrad": ["sum"],
    "adam": ["first", "second"],
    "adamw": ["first", "second"],
}


@pytest.mark.parametrize("contender", BUILT_IN, ids=lambda contender: contender.name)
class TestInside:
    """Every contender that is built in shows what it holds."""

    def test_the_oracle_goes_on_from_there(self, contender: Contender, audits):
        for audit in shown(audits(contender)):
            inside, dtype = audit["inside"], audit["axes"]["dtype"]
            assert inside["passed"], (audit["axes"], inside["difference"])
            assert inside["max_error"] < {"float32": 1e-4, "float64": 1e-9}[dtype], audit["axes"]
            assert inside["checks"] >= 2 + 2 * CONSECUTIVE + len(inside["weights"]), audit["axes"]

    def test_names_shapes_and_dtypes(self, contender: Contender, audits):
        for audit in shown(audits(contender)):
            axes = audit["axes"]
            for inside in (audit["at start"], audit["inside"]):
                own, places = OWN_STATES[axes["optimizer"]], inside["shapes wanted"]
                assert inside["states"] == dict.fromkeys(places, own), axes
                assert inside["weights"] == inside["weights wanted"], axes
                assert inside["shapes"] == {name: [shape] * len(own) for name, shape in places.items()}, axes
                assert inside["dtypes"] == [axes["dtype"]], axes

    def test_it_starts_as_the_workload_has_it(self, contender: Contender, audits):
        for audit in shown(audits(contender)):
            assert audit["at start"]["initial"], audit["axes"]
            assert audit["at start"]["zeros"], audit["axes"]

    def test_an_optimizer_that_counts_tells_its_own_count(self, contender: Contender, audits):
        for audit in shown(audits(contender)):
            counts = [audit["at start"]["steps"], *audit["inside"]["counts"]]
            counted = [0, audit["made"], audit["made"] + CONSECUTIVE]
            never = [] if audit["axes"]["optimizer"] in ("adam", "adamw") else [[None] * 3]
            assert counts in [counted, *never], audit["axes"]

    def test_looking_changes_nothing(self, contender: Contender, audits):
        for audit in shown(audits(contender)):
            if "looked at" in audit:
                assert {"losses", "rows", "inside", "lstm", "optimizer"} <= audit["looked at"].keys(), audit["axes"]
                assert all(audit["looked at"].values()), (audit["axes"], audit["looked at"])


def shown(found: Audits) -> list[dict]:
    """The audits of what this machine supports, all of which must have something to show."""
    supported = [audit for audit in found.values() if "unsupported" not in audit]
    assert supported, "this machine supports none of its cases"
    assert all("inside" in audit for audit in supported)
    return supported
