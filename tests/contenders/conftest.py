"""Audits that the selected tests of a group need, all at once, each once, and a process per framework. Also contender
files to write.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from embbench.contenders import missing_packages
from embbench.engines.model_file import read_model
from embbench.engines.own_models import Builder
from embbench.host.machine import usable_cpus
from tests.contenders.auditing import Auditing, Job, jobs_for
from tests.contenders.remembered import Remembered
from tests.sharing import COUNTS, group_of

FAILED = pytest.StashKey[set[str]]()
BEGUN = pytest.StashKey[set[str]]()  # groups


@pytest.fixture(scope="session")
def findings_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for the files of findings."""
    return tmp_path_factory.mktemp("findings")


@pytest.fixture(scope="session")
def all_audits(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Auditing]:
    cache = getattr(request.config, "cache", None)
    beside = hasattr(request.config, "workerinput")  # another process of the tests measures at the same time
    processes = max(1, usable_cpus() - beside)
    auditing = Auditing(tmp_path_factory.mktemp("audits"), Remembered(cache), processes)
    yield auditing
    request.config.stash[COUNTS] = auditing.run, auditing.recalled
    auditing.end(request.config.stash.get(FAILED, set()))


@pytest.fixture
def auditing(request: pytest.FixtureRequest, all_audits: Auditing, findings_place: Path) -> Auditing:
    """The audits, of which those of the test's group have begun. Another process may have the tests of other groups."""
    begun = request.config.stash.setdefault(BEGUN, set())
    if (group := group_of(request.path)) not in begun:
        begun.add(group)
        items = [item for item in request.session.items if group_of(item.path) == group]
        asking = [item for item in items if "auditing" in getattr(item, "fixturenames", ())]
        jobs = [job for item in asking for job in jobs_of(item, findings_place)]
        all_audits.begin(job for job in jobs if not missing_packages(job.contender))
    return all_audits


def jobs_of(item: pytest.Item, place: Path) -> list[Job]:
    """The jobs that a test needs, from its parameters: findings, a contender, or axes of a contender."""
    told: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    if "findings" in told:
        return [finding.job(place) for finding in told["findings"]]
    if "contender" not in told:
        return []
    if "claimed" in told:
        return [Job(told["contender"], told["claimed"], False)]
    jobs = jobs_for(item.config, told["contender"])
    return [job for job in jobs if "axes" not in told or job.axes == told["axes"]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed and "auditing" in getattr(item, "fixturenames", ()) and hasattr(item, "callspec"):
        told = item.callspec.params
        named = told.get("findings") or [told[name] for name in ("contender",) if name in told]
        item.config.stash.setdefault(FAILED, set()).update(each.name for each in named)
    return report


@pytest.fixture
def write(tmp_path):
    """Writes a contender file; its path."""

    def write(text, name="mine.py"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


@pytest.fixture
def builder(monkeypatch) -> Iterator[Callable[[Path, str], Builder]]:
    """Makes a Builder. What it changes in this process is undone; frameworks that it loads stay loaded."""
    folders: set[Path] = set()
    before = set(sys.modules)

    def made_of(path: Path, function: str = "build") -> Builder:
        folders.add(path.parent.resolve())
        monkeypatch.chdir(path.parent)
        monkeypatch.setattr(sys, "argv", list(sys.argv))
        monkeypatch.setattr(sys, "path", list(sys.path))
        return Builder(read_model(f"{path}:{function}"))

    yield made_of
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).resolve().parent in folders:
            del sys.modules[name]
