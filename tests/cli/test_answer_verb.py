"""The verb `answer`: which results count, and what it says without results."""

import json

import msgspec
import pytest

from embbench.cli import main
from embbench.store.round import encode
from tests import made_up

SUITES = ("embedding-scaling", "dimension")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Writes rounds of a suite into a file of the current directory's results."""
    monkeypatch.chdir(tmp_path)

    def write(name, suite, date="2026-01-05", rounds=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            msgspec.structs.replace(each, suite=suite, started=each.started.replace("2026-01-05", date))
            for each in rounds or made_up.scaling()
        ]
        with path.open("ab") as file:
            file.writelines(map(encode, lines))
        return path

    return write


def test_the_latest_file_of_a_suite_counts(place, capsys):
    place("results/old.jsonl", SUITES[0], "2026-01-05")
    place("results/local/new.jsonl", SUITES[0], "2026-02-05")
    place("results/local/mixed.jsonl", SUITES[1])
    assert main(["answer", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    files = {each["suite"]: each["file"] for each in told["answers"]}
    assert files == {SUITES[0]: "results/local/new.jsonl", SUITES[1]: "results/local/mixed.jsonl"}
    assert "inference" in told["missing"]
    assert not set(SUITES) & set(told["missing"])


def test_only_rounds_of_the_suite_count_in_a_file_of_several(place, capsys):
    place("all.jsonl", SUITES[0])
    place("all.jsonl", SUITES[1], rounds=made_up.measured(made_up.case(dim=64), [0.1]))
    assert main(["answer", SUITES[0], "--results", "all.jsonl", "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["answers"]
    assert told["answer"][0].startswith("A step with trainable default takes")


def test_without_results_it_says_what_measures_them(place, capsys):
    assert main(["answer", "inference"]) == 5
    assert capsys.readouterr().err == (
        "embbench: results/ and results/local/ have no results of inference; "
        "`embbench run --suite NAME` measures a suite\n"
    )


def test_an_unknown_suite_is_refused_before_files_are_read(place, capsys):
    assert main(["answer", "inferences", "--results", "missing.jsonl"]) == 2
    assert "inference" in capsys.readouterr().err
