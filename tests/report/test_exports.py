"""Exports against the tools that read them."""

import csv
import io
import json
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_benchmark.stats import Stats

from embbench.errors import FileError, UsageError
from embbench.report.exports import render_export
from embbench.report.pytest_benchmark import _stats, read_pytest_benchmark
from tests.made_up import case, measured, scaling


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=40))
def test_statistics_are_those_of_pytest_benchmark(data):
    theirs = Stats()
    for value in data:
        theirs.update(value)
    mine = _stats(data)
    for name, value in theirs.as_dict().items():
        assert mine[name] == pytest.approx(value), name


@pytest.mark.parametrize("data", [[0.0], [0.0, 0.0], [0.0, 0.1]])
def test_a_clock_that_saw_nothing_pass_is_as_pytest_benchmark_has_it(data):
    theirs = Stats()
    for value in data:
        theirs.update(value)
    assert _stats(data)["ops"] == theirs.ops


def test_pytest_benchmark_itself_reads_the_file(tmp_path):
    path = tmp_path / "scaling.json"
    path.write_text(render_export(scaling(), "pytest-benchmark"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest_benchmark", "compare", str(path), "--columns=median", "--csv=out.csv"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert len(rows) == 7  # one of the eight cases ran out of memory
    (row,) = (row for row in rows if "[pytorch-frozen-adam-vocab=200k]" in row["name"])
    assert float(row["median"]) == pytest.approx(0.0240, rel=0.02)


def test_what_is_exported_comes_back_whole(tmp_path):
    rounds = scaling()
    path = tmp_path / "scaling.json"
    path.write_text(render_export(rounds, "pytest-benchmark"), encoding="utf-8")
    back = read_pytest_benchmark(path)
    assert sorted(back, key=repr) == sorted((line for line in rounds if line.status == "ok"), key=repr)


def test_rounds_without_the_times_of_steps_add_none():
    timed, untimed = measured(case(), [0.1, 0.2])
    untimed = msgspec.structs.replace(untimed, metrics={"host_peak": untimed.metrics["host_peak"]})
    (told,) = json.loads(render_export([timed, untimed], "pytest-benchmark"))["benchmarks"]
    assert told["stats"]["rounds"] == 3
    assert len(told["extra_info"]["embbench"]) == 2
    assert json.loads(render_export([untimed], "pytest-benchmark"))["benchmarks"] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not a file of pytest-benchmark"),
        ("[]", "not a file of pytest-benchmark"),
        ('{"benchmarks": [{"extra_info": {}}]}', "the file has no case of a suite"),
        ('{"benchmarks": []}', "the file has no case of a suite; measure cases"),
        ('{"benchmarks": [{"extra_info": {"embbench": [5]}}]}', "not a file of pytest-benchmark"),
    ],
)
def test_other_files_are_refused(tmp_path, text, told):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=told):
        read_pytest_benchmark(path)
    with pytest.raises(FileError, match="No such file"):
        read_pytest_benchmark(tmp_path / "missing.json")


def test_a_round_that_was_changed_is_refused(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(render_export(measured(case(), [0.1, 0.2]), "pytest-benchmark").replace("0.099", "0.098"))
    with pytest.raises(FileError, match="checksum"):
        read_pytest_benchmark(path)


def test_github_action_benchmark_gets_what_its_custom_tool_takes():
    told = json.loads(render_export(scaling(), "github-action-benchmark"))
    assert all(set(each) <= {"name", "unit", "value", "range", "extra"} for each in told)
    assert all(isinstance(each["value"], float) and {"name", "unit"} <= set(each) for each in told)
    (step,) = (each for each in told if each["name"] == "pytorch trainable default adam vocab=200k step_time")
    assert (step["unit"], step["value"]) == ("s", 0.291)
    assert step["range"].startswith("±")


def test_bencher_gets_its_metric_format():
    told = json.loads(render_export(scaling(), "bencher"))
    for measures in told.values():
        for number in measures.values():
            assert {"value"} <= set(number) <= {"value", "lower_value", "upper_value"}
            assert number.get("lower_value", 0) <= number["value"] <= number.get("upper_value", float("inf"))
    assert told["pytorch trainable default adam vocab=200k"]["latency"]["value"] == pytest.approx(0.291e9)
    assert "host-peak" in told["pytorch frozen adam vocab=200k"]


def test_two_versions_of_a_case_are_two_series():
    newer = measured(case(), [0.2, 0.21], run="b", software={"python": "3.11.7", "torch": "2.14.0"})
    told = json.loads(render_export([*measured(case(), [0.1, 0.11]), *newer], "bencher"))
    assert [number["latency"]["value"] for number in told.values()] == [pytest.approx(0.105e9), pytest.approx(0.205e9)]
    assert all("torch 2.1" in name for name in told)


def test_csv_has_every_metric_that_was_measured():
    rows = list(csv.DictReader(io.StringIO(render_export(scaling(), "csv"))))
    assert {row["metric"] for row in rows} == {
        "step_time", "host_peak", "unique_rows", "unique_share", "multiplicity",
    }  # fmt: skip


def test_an_unknown_format_names_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'bencher'"):
        render_export(scaling(), "benchr")
