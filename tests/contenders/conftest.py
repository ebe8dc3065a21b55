"""One set of audits for all tests: all audits that the selected tests need, once, and a process per framework. Also
contender files to write.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embbench.contenders import missing_packages
from embbench.host.machine import usable_cpus
from tests.contenders.auditing import Auditing, Job, make_jobs
from tests.contenders.covering import chosen
from tests.contenders.remembered import Remembered
from tests.sharing import COUNTS

FAILED = pytest.StashKey[set[str]]()


@pytest.fixture(scope="session")
def findings_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for the files of findings."""
    return tmp_path_factory.mktemp("findings")


@pytest.fixture(scope="session")
def auditing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, findings_place: Path
) -> Iterator[Auditing]:
    cache = getattr(request.config, "cache", None)
    beside = hasattr(request.config, "workerinput")  # another process of the tests measures at the same time
    processes = max(1, usable_cpus() - beside)
    auditing = Auditing(tmp_path_factory.mktemp("audits"), Remembered(cache), processes)
    asking = [item for item in request.session.items if "auditing" in getattr(item, "fixturenames", ())]
    jobs = [job for item in asking for job in jobs_of(item, findings_place)]
    auditing.begin(job for job in jobs if not missing_packages(job.contender))
    yield auditing
    request.config.stash[COUNTS] = auditing.run, auditing.recalled
    auditing.end(request.config.stash.get(FAILED, set()))


def jobs_of(item: pytest.Item, place: Path) -> list[Job]:
    """The jobs that a test needs, from its parameters: findings, a contender, or axes of a contender."""
    told: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    if "findings" in told:
        return [finding.job(place) for finding in told["findings"]]
    if "contender" not in told:
        return []
    if "claimed" in told:
        return [Job(told["contender"], told["claimed"], False)]
    jobs = make_jobs(told["contender"], chosen(item.config, told["contender"]))
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
