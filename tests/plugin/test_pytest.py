"""pytest on a suite, each time in a process of its own: pytest-benchmark and CodSpeed see its cases."""

import json
import subprocess
import sys

import pytest

from embbench.cli import main
from embbench.store.journal import read_rounds

SUITE = """
title = "small"
[axes]
contender = "numpy"
vocab = 300
dim = 4
hidden = 4
batch = 4
seq = 4
[[cases]]
update = ["default", "sparse"]
[protocol]
preset = "quick"
rounds = 2
budget = 0.05
"""


@pytest.fixture
def suite(tmp_path):
    path = tmp_path / "suites" / "small.toml"
    path.parent.mkdir()
    path.write_text(SUITE, encoding="utf-8")
    (path.parent / "notes.toml").write_text('title = "no such key"\nx = 1\n', encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path):
    def go(*arguments):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    return go


def test_every_case_is_a_benchmark_with_the_workers_own_samples(suite, run, tmp_path):
    ran = run("suites/small.toml", "--benchmark-json", "out.json", "--benchmark-autosave", "--benchmark-save-data")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads((tmp_path / "out.json").read_text())["benchmarks"]
    assert [each["param"] for each in told] == [
        "numpy-trainable-default-adam-vocab=300",
        "numpy-trainable-sparse-adam-vocab=300",
    ]
    assert told[0]["extra_info"]["class"] == "dense ✓"
    assert told[0]["extra_info"]["host_peak"] > 1e6
    assert told[0]["extra_info"]["case"]["vocab"] == 300

    assert main(["import", str(tmp_path / "out.json"), "--out", str(tmp_path / "out.jsonl")]) == 0
    rounds, _ = read_rounds([tmp_path / "out.jsonl"])
    assert [(line.case.update, line.round, line.status) for line in rounds] == [
        (update, number, "ok") for update in ("default", "sparse") for number in range(2)
    ]
    samples = [value for line in rounds[:2] for value in line.metrics["step_time"].values]
    assert told[0]["stats"]["data"] == pytest.approx(samples, rel=1e-9)

    again = run("suites/small.toml", "--benchmark-compare", "--benchmark-compare-fail=min:100000%")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "0001_" in again.stdout


def test_a_suite_by_name_and_a_case_by_keyword(run, suite):
    ran = run("--embbench-suite", str(suite), "-k", "sparse", "--benchmark-disable")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed, 1 deselected" in ran.stdout
    ran = run("--embbench-suite", "ci", "-k", "numpy and sparse", "--embbench-preset", "quick")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed, 3 deselected" in ran.stdout


def test_other_toml_files_are_none_of_its_business(run, suite):
    assert "no tests" in run(".").stdout


def test_a_suite_that_makes_no_sense_is_an_error_of_one_line(run, suite):
    ran = run("suites/")
    assert ran.returncode == 2
    assert "unknown key 'x'" in ran.stdout
    ran = run("--embbench-suite", "framework")
    assert ran.returncode == 4
    assert "--embbench-suite: unknown suite 'framework': did you mean 'frameworks'" in ran.stderr


def test_a_preset_that_makes_no_sense_is_too(run, suite):
    ran = run(str(suite), "--embbench-preset", "fast")
    assert ran.returncode == 4
    assert "--embbench-preset: unknown preset 'fast': valid: quick, standard, thorough" in ran.stderr


def test_without_pytest_benchmark_it_says_what_to_install(run, suite):
    ran = run("suites/small.toml", "-p", "no:benchmark")
    assert ran.returncode == 2
    assert "needs pytest-benchmark: pip install 'embbench[pytest]'" in ran.stdout


def test_what_cannot_run_here_is_skipped_and_says_why(run, suite):
    suite.write_text(SUITE.replace("hidden = 4", 'hidden = 4\ndevice = "cuda"'), encoding="utf-8")
    ran = run("suites/small.toml", "-rs")
    assert ran.returncode == 0, ran.stdout
    assert "2 skipped" in ran.stdout
    assert "cuda" in ran.stdout.lower()


def test_codspeed_sees_audited_steps_in_its_own_process(run, suite):
    ran = run("suites/small.toml", "--codspeed", "--codspeed-mode", "walltime", "--codspeed-max-time", "0.1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 benchmarked" in ran.stdout
