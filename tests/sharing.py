"""How two processes share the tests: tests that decide by times never run beside each other."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from embbench.host.machine import usable_cpus

TESTS = Path(__file__).parent
# Tests that decide by measured times, or start embbench as users do, which waits while another embbench measures.
MEASURING = {"pytest_plugin"} | {
    "test_ab.py", "test_explain.py", "test_gate.py", "test_own_model.py", "test_selftest.py", "test_selftest_audit.py",
    "test_submit.py", "test_submit_slurm.py", "test_within.py", "test_ci.py", "test_cuda_end_to_end.py",
    "test_end_to_end.py", "test_frameworks.py", "test_joined.py", "test_python_flag.py", "test_readme.py",
}  # fmt: skip
CLAIMS = {
    "test_claims_held.py", "test_dropout_programs.py", "test_sequence_programs.py", "test_timedistributed_programs.py",
}  # fmt: skip
# Ids of tests that take seconds each.
LONG_TESTS = frozenset(
    line for line in (TESTS / "long_tests.txt").read_text(encoding="utf-8").splitlines() if "::" in line
)
ALL_CPUS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()  # before `bind_process`
COUNTS = pytest.StashKey[tuple[int, int]]()  # numbers of audits that ran, and that an earlier run remembered


def group_of(path: Path) -> str:
    """The group whose tests share a process: 'measuring', or a room or file whose tests do not disturb others. Audits
    of claims and of networks are two groups, so that both processes audit. Tests of users' own models audit nothing.
    """
    room = path.relative_to(TESTS).parts[0]
    if room in MEASURING or path.name in MEASURING:
        return "measuring"
    if path.name in CLAIMS:
        return "claims"
    return room if room == "contenders" and "own" not in path.stem.split("_") else path.stem


def by_groups(config: pytest.Config, log: Any) -> Any:
    """The scheduler that gives tests to the processes, a group at a time, largest groups first. xdist's own groups,
    `loadgroup`, were rejected: they change the names of tests in a way that pytest 9.2 does not accept.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(TESTS.parent / nodeid.partition("::")[0])

    return ByGroups(config, log)


def whole(config: pytest.Config) -> bool:
    """Whether all tests are requested."""
    asked = {(config.invocation_params.dir / each.partition("::")[0]).resolve() for each in config.args}
    return asked <= {TESTS, TESTS.parent}


def shared(config: pytest.Config) -> bool:
    """Whether two processes run the tests: if all tests are requested, no flag says otherwise, and there are two
    CPUs.
    """
    option = config.option
    return (
        whole(config)
        and not hasattr(config, "workerinput")  # else each of the two processes would start two more, without end
        and "PYTEST_XDIST_WORKER" not in os.environ
        and config.pluginmanager.hasplugin("xdist")
        and option.numprocesses is None
        and not (option.usepdb or option.collectonly)
        and usable_cpus() > 1
    )


def own_cpus(number: int, count: int, cpus: set[int]) -> set[int]:
    """The CPUs of process `number` of `count` that share the tests; all CPUs if there are fewer CPUs than processes.
    Threads of two programs on the same CPUs spin while they wait for each other, which makes both several times slower.
    """
    return set(sorted(cpus)[number::count]) or cpus


def bind_process(environment: Mapping[str, str], cpus: set[int] = ALL_CPUS) -> None:
    """Binds a process that shares the tests, and all that its tests start, to CPUs that no other such process uses."""
    if (name := environment.get("PYTEST_XDIST_WORKER")) and hasattr(os, "sched_setaffinity"):
        assert "numpy" not in sys.modules, "NumPy has started threads for CPUs of other processes"
        os.sched_setaffinity(0, own_cpus(int(name[2:]), int(environment["PYTEST_XDIST_WORKER_COUNT"]), cpus))


def forget_the_run() -> None:
    """Removes this run of pytest from the environment, so that processes that tests start do not see its options or its
    worker. Coverage does not trace them either, because tracing would slow down what they measure. They cache bytecode,
    as an installed embbench does, whatever the environment of the tests says: a fifth of a short command's time.
    """
    ours = {"PYTEST_ADDOPTS", "COVERAGE_PROCESS_START", "PYTHONDONTWRITEBYTECODE"}
    for name in [name for name in os.environ if name in ours or name.startswith("PYTEST_XDIST")]:
        del os.environ[name]
