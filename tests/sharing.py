"""How the tests are shared among processes: those that measure never run beside each other."""

import os
from pathlib import Path
from typing import Any

import pytest

from embbench.host.machine import usable_cpus

TESTS = Path(__file__).parent
# Rooms and files whose tests measure nothing and start no worker: nothing there takes long, and nothing disturbs it.
PURE = {"analysis", "cases", "oracle", "report", "stats", "store", "workloads"} | {
    "test_architecture.py", "test_committed_baselines.py", "test_errors.py", "test_pipeline.py", "test_wire.py"
}  # fmt: skip
# Audits check arithmetic, and most tests of the command line have a stub for a worker: no time is asserted of these.
UNTIMED = {"contenders", "cli"}
MEASURING = {
    "test_ab.py", "test_explain.py", "test_gate.py", "test_selftest.py", "test_selftest_audit.py", "test_within.py"
}  # fmt: skip
COUNTS = pytest.StashKey[tuple[int, int]]()  # audits that were run, and those remembered from an earlier run


def group_of(path: Path) -> str:
    """Names what the tests of a file share a process with: the file, its room, or all that measure."""
    room = path.relative_to(TESTS).parts[0]
    if room in PURE:
        return path.stem
    return room if room in UNTIMED and path.name not in MEASURING else "machine"


def by_groups(config: pytest.Config, log: Any) -> Any:
    """Who gives the tests to the processes: a group at a time, those with the most tests first. xdist's own groups, its
    `loadgroup`, change names of tests in a way that pytest 9.2 does not take.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(TESTS.parent / nodeid.partition("::")[0])

    return ByGroups(config, log)


def shared(config: pytest.Config) -> bool:
    """Whether two processes run the tests: all of them are asked for, nobody said otherwise, and there are two CPUs."""
    asked = {(config.invocation_params.dir / each.partition("::")[0]).resolve() for each in config.args}
    option = config.option
    return (
        asked <= {TESTS, TESTS.parent}
        and not hasattr(config, "workerinput")  # each of the two would start two more, and these again
        and "PYTEST_XDIST_WORKER" not in os.environ
        and config.pluginmanager.hasplugin("xdist")
        and option.numprocesses is None
        and not (option.usepdb or option.collectonly)
        and usable_cpus() > 1
    )


def forget_the_run() -> None:
    """What tests start must not take itself for a part of this run of pytest: not its options, not its worker. Nor does
    coverage trace it: what it measures would be slower.
    """
    ours = {"PYTEST_ADDOPTS", "COVERAGE_PROCESS_START"}
    for name in [name for name in os.environ if name in ours or name.startswith("PYTEST_XDIST")]:
        del os.environ[name]
