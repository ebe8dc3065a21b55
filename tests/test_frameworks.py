"""The suite `frameworks` in small, by the real command and real workers: every framework that is installed."""

import os
import subprocess
import sys

import pytest

from embbench.cases.suite import expand, load_suite
from embbench.contenders import discover, missing_packages
from embbench.store.journal import read_rounds

SMALL = ("--dim", "8", "--hidden", "8", "--batch", "4", "--seq", "6", "--budget", "0.02", "--preset", "quick")
TINY = (*SMALL, "--threads", "1")  # threads of one step would wait for CPUs that other tests use
FEW = ("pytorch",)
PHASES = {"import_time", "build_time", "first_step_time", "step_time", "host_build_peak", "host_step_peak"}
CONTENDERS = {name: each for name, each in discover().items() if not each.declaration.spread}  # of one process
SUITE = load_suite("frameworks")


@pytest.fixture(scope="module")
def asked(request):
    """Axes given on the command line: none with --all-pairs, else those that leave a contender of each language of
    programs its default path.
    """
    few = {"contender": FEW, "table": ("trainable",), "update": ("default",)}
    return {} if request.config.getoption("all_pairs") else few


@pytest.fixture(scope="module")
def rounds(tmp_path_factory, asked):
    """By case axes: the round of each case."""
    place = tmp_path_factory.mktemp("frameworks")
    script = "import sys; from embbench.cli import main; sys.exit(main())"
    chosen = [text for axis, values in asked.items() for text in (f"--{axis}", ",".join(values))]
    arguments = ["run", "--suite", "frameworks", "--vocab", "3k", *chosen, *TINY, "--out", "r.jsonl"]
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
    )
    assert ran.returncode == 0, ran.stderr
    found, warnings = read_rounds([place / "r.jsonl"])
    assert not warnings
    return {round_.case_id: round_ for round_ in found}


def test_every_case_is_measured_and_audited_or_says_why_not(rounds, asked):
    told = [(line.case.contender, line.case.update, line.status, line.reason) for line in rounds.values()]
    assert len(rounds) == len(expand(SUITE.blocks, {"vocab": (3000,), **asked}))
    for contender, _, status, reason in told:
        if missing_packages(CONTENDERS[contender]):
            assert status == "unsupported"
            assert "pip install" in reason
        else:
            assert status == "ok" or (status == "unsupported" and "needs --device cuda" in reason), told


def test_each_framework_is_there_and_has_its_phases_apart(rounds, asked):
    good = [line for line in rounds.values() if line.status == "ok"]
    named = asked.get("contender", CONTENDERS)
    on_cpu = {name: each for name, each in CONTENDERS.items() if "cpu" in each.declaration.devices}
    there = {name for name, each in on_cpu.items() if name in named and not missing_packages(each)}
    assert {line.case.contender for line in good} == there
    for line in good:
        assert line.metrics.keys() >= PHASES
        assert line.audit.passed
        assert line.ran["lstm"] != "unknown"
        assert {"optimizer", "threads"} <= line.ran.keys()


def test_the_suite_has_every_built_in_contender_of_one_process():
    assert {case.contender for case in expand(SUITE.blocks, {})} == CONTENDERS.keys()
