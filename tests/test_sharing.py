"""How the tests are shared among processes."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests import sharing
from tests.sharing import CLAIMS, LONG_TESTS, MEASURING, TESTS, forget_the_run, group_of, own_cpus, shared

FILES = sorted(TESTS.rglob("test_*.py"))


def test_what_measures_is_one_group():
    groups = {path.relative_to(TESTS).as_posix(): group_of(path) for path in FILES}
    measuring = ("cli/test_ab.py", "cli/test_gate.py", "pytest_plugin/test_faults.py", "test_end_to_end.py")
    assert {groups[name] for name in measuring} == {"measuring"}
    assert groups["contenders/test_contract.py"] == groups["contenders/test_findings.py"] == "contenders"
    assert {path.name for path in FILES if group_of(path) == "claims"} == CLAIMS
    assert groups["stats/test_fit.py"] == "test_fit"
    assert groups["worker/test_process.py"] == "test_process"
    known = {path.relative_to(TESTS).parts[0] for path in FILES} | {path.name for path in FILES}
    assert known >= MEASURING


@pytest.fixture
def config(monkeypatch):
    """Of a run that is asked for all tests, on two CPUs."""
    monkeypatch.setattr(sharing, "usable_cpus", lambda: 2)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return SimpleNamespace(
        args=["tests"],
        invocation_params=SimpleNamespace(dir=TESTS.parent),
        option=SimpleNamespace(numprocesses=None, usepdb=False, collectonly=False),
        pluginmanager=SimpleNamespace(hasplugin=lambda name: name == "xdist"),
    )


@pytest.mark.parametrize(
    ("asked", "option", "cpus", "found"),
    [
        (["tests"], {}, 2, True),
        ([], {}, 2, True),
        (["tests"], {}, 1, False),
        (["tests/stats"], {}, 2, False),
        (["tests/stats/test_fit.py::test_x"], {}, 2, False),
        (["tests"], {"numprocesses": 0}, 2, False),
        (["tests"], {"usepdb": True}, 2, False),
        (["tests"], {"collectonly": True}, 2, False),
    ],
)
def test_two_processes_run_all_tests_and_one_runs_a_part(config, monkeypatch, asked, option, cpus, found):
    monkeypatch.setattr(sharing, "usable_cpus", lambda: cpus)
    config.args = asked
    vars(config.option).update(option)
    assert shared(config) is found


def test_a_process_that_shares_the_tests_starts_no_others(config, monkeypatch):
    """xdist tells such a process of no number of processes, and calls the same hook in it."""
    assert shared(config)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert not shared(config)
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    config.workerinput = {}
    assert not shared(config)


def test_what_tests_start_is_no_part_of_this_run(monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--all-pairs")
    forget_the_run()
    assert not {"PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"} & set(os.environ)


def test_a_test_of_the_command_line_with_real_workers_is_of_those_that_measure():
    """Real workers come by the fixture `real`, or by `main` or a process that no stub is put into."""
    for path in (TESTS / "cli").glob("test_*.py"):
        if re.search(r"\breal\(|\bmain\(\[\"(?:ab|selftest|gate|run|explain)", path.read_text(encoding="utf-8")):
            assert path.name in MEASURING


def test_tests_are_given_away_by_their_groups(config):
    pytest.importorskip("xdist")
    options = {"tx": ["popen"] * 2, "loadscopereorder": True, "verbose": 0}
    config.option = SimpleNamespace(**options)
    config.getvalue = config.getoption = lambda name, *default: options.get(name, *default)
    scheduler = sharing.by_groups(config, SimpleNamespace(bygroups=None, loadscopesched=None))
    assert scheduler._split_scope("tests/cli/test_gate.py::test_x[a::b]") == "measuring"
    assert scheduler._split_scope("tests/stats/test_fit.py::test_y") == "test_fit"


@pytest.mark.parametrize(
    ("count", "cpus", "found"),
    [(2, {0, 1}, [{0}, {1}]), (2, {3, 5, 7}, [{3, 7}, {5}]), (3, {0, 4}, [{0}, {4}, {0, 4}]), (1, {0, 1}, [{0, 1}])],
)
def test_processes_share_no_cpu_where_there_are_enough(count, cpus, found):
    assert [own_cpus(number, count, cpus) for number in range(count)] == found


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to CPUs")
def test_a_bound_process_has_no_more_threads_than_cpus():
    """Else NumPy's threads wait for CPUs of the other process, which makes small products 30 times slower."""
    code = "import numpy\nprint(len(os.sched_getaffinity(0)), len(os.listdir('/proc/self/task')))"
    bound = "import os; from tests.sharing import bind_process; bind_process(os.environ)\n"
    told = {**os.environ, "PYTEST_XDIST_WORKER": "gw1", "PYTEST_XDIST_WORKER_COUNT": "2"}
    done = subprocess.run(
        [sys.executable, "-c", bound + code], env=told, cwd=TESTS.parent, capture_output=True, text=True, check=True
    )
    cpus, threads = map(int, done.stdout.split())
    assert threads <= cpus


@pytest.mark.parametrize("name", sorted(LONG_TESTS))
def test_a_long_test_is_a_test(name):
    file, *_, test = name.partition("[")[0].split("::")
    assert f"def {test}(" in (TESTS.parent / file).read_text(encoding="utf-8")
