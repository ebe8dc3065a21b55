"""pytest on a suite, each time in a process of its own: pytest-benchmark and CodSpeed see its cases."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from embbench.analysis.collapse.undisturbed import undisturbed
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


# Without xdist: the test of what measures at the same time has its own stand-ins.
COMMAND = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:xdist"]


@pytest.fixture
def run(tmp_path):
    def go(*arguments):
        path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH", "")]))
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    return go


@pytest.fixture
def journal(tmp_path):
    """The rounds in the one file that was written."""

    def read():
        (path,) = (tmp_path / "results" / "local").glob("*.jsonl")
        return read_rounds([path])[0]

    return read


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
    samples = [value for line in rounds[:2] for value in undisturbed(line).metrics["step_time"].values]
    assert told[0]["stats"]["data"] == pytest.approx(samples, rel=1e-9)

    again = run("suites/small.toml", "--benchmark-compare", "--benchmark-compare-fail=min:100000%")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "0001_" in again.stdout


def test_a_time_for_the_whole_run_is_none_here_and_each_case_has_the_rounds_of_its_preset(suite, run, journal):
    suite.write_text(SUITE.replace("rounds = 2", "within = 240").replace('preset = "quick"\n', ""), encoding="utf-8")
    ran = run("suites/small.toml", "-k", "sparse", "--benchmark-disable")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [(line.round, line.protocol.within) for line in journal()] == [(0, 0.0), (1, 0.0), (2, 0.0)]


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


def test_rounds_of_several_versions_of_something_are_no_benchmark(run, suite, tmp_path):
    site = 'import sys\nif "embbench.worker" in sys.orig_argv:\n    open(__file__, "a").write("#\\n")\n'
    (tmp_path / "sitecustomize.py").write_text(site)
    ran = run("suites/small.toml", "-k", "sparse")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "software or machine changed between its rounds: sitecustomize " in ran.stdout


def test_codspeed_sees_audited_steps_in_its_own_process(run, suite):
    ran = run("suites/small.toml", "--codspeed", "--codspeed-mode", "walltime", "--codspeed-max-time", "0.1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 benchmarked" in ran.stdout


def test_each_round_visits_every_case_before_the_first_is_reported(run, suite, journal):
    suite.write_text(SUITE.replace("rounds = 2", "rounds = 3"), encoding="utf-8")
    ran = run("suites/small.toml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = journal()
    assert [line.round for line in lines] == [0, 0, 1, 1, 2, 2]
    assert {line.case.update for line in lines[:2]} == {"default", "sparse"}
    assert ran.stdout.count("embbench: ") == len(lines) + 1
    assert ran.stdout.index("embbench: 6 of 6: ") < ran.stdout.index("small.toml .")
    assert re.search(r"embbench: results: .*results/local/\S+-pytest-small-\w+\.jsonl", ran.stdout)


def test_a_case_is_measured_as_run_measures_it(run, suite, journal):
    """Of sizes that are the same in small, one is trained; what -k leaves out counts for nothing."""
    text = SUITE.replace("vocab = 300", "vocab = [300, 400, 500]").replace("rounds = 2", "rounds = 1\ntraining = true")
    suite.write_text(text.replace('update = ["default", "sparse"]', 'update = "sparse"'), encoding="utf-8")
    ran = run("suites/small.toml", "-k", "not 500", "-q")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {line.case.vocab: line.protocol.training for line in journal()} == {300: False, 400: True}
    assert "embbench: 1 of" not in ran.stdout


def test_what_asks_for_no_measuring_measures_nothing(run, suite, tmp_path):
    for flag in ("--collect-only", "--benchmark-skip", "--setup-plan"):
        assert run("suites/small.toml", flag).returncode in (0, 5)
        assert not (tmp_path / "results").exists()


def test_processes_that_would_measure_at_the_same_time_are_refused(run, suite, tmp_path):
    (tmp_path / "spreads.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--numprocesses', type=int, default=None)\n",
        encoding="utf-8",
    )
    (tmp_path / "one_of_several.py").write_text(
        "def pytest_configure(config):\n    config.workerinput = {'workerid': 'gw0'}\n", encoding="utf-8"
    )
    told = "disturb each other: run the suites without xdist (-n 0)"
    ran = run("-p", "spreads", "--embbench-suite", str(suite), "--numprocesses=2")
    assert (ran.returncode, told in ran.stderr) == (4, True)
    ran = run("-p", "one_of_several", "suites/small.toml")
    assert (ran.returncode, told in ran.stdout) == (2, True)
    assert not (tmp_path / "results").exists()


def test_ctrl_c_keeps_every_finished_round_and_tells_where(suite, tmp_path, journal):
    suite.write_text(SUITE.replace("rounds = 2", "rounds = 500"), encoding="utf-8")
    command = [*COMMAND, "suites/small.toml"]
    said = []
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as process:
        for line in process.stdout:
            said.append(line)
            if "embbench: 4 of 1000" in line:
                process.send_signal(signal.SIGINT)
    text = "".join(said)
    assert process.returncode == 2, text
    assert "embbench: interrupted; every finished round is in " in text
    assert [line.round for line in journal() if line.status == "ok"][:3] == [0, 0, 1]
