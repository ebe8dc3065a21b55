"""The verbs `export` and `import`."""

import json

import pytest

from embbench.store.journal import read_rounds
from embbench.store.round import encode
from tests.made_up import case, failed, measured

ROUNDS = measured(case(), [0.1, 0.11])


@pytest.fixture
def results(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"".join(map(encode, ROUNDS)))
    return "a.jsonl"


def test_there_and_back(cli, results, tmp_path):
    ran = cli("export", results, "--to", "pytest-benchmark", "--output", "a.json")
    assert (ran.code, ran.out) == (0, "")
    ran = cli("import", "a.json", "--out", "b.jsonl")
    assert (ran.code, ran.out) == (0, "b.jsonl: 2 rounds added\n")
    assert read_rounds([tmp_path / "b.jsonl"])[0] == ROUNDS
    assert cli("import", "a.json", "--out", "b.jsonl").out == "b.jsonl: 0 rounds added, 2 already there\n"
    told = cli("import", "a.json", "--out", "b.jsonl", "--format", "json").out
    assert json.loads(told) == {"file": "b.jsonl", "added": 0, "known": 2}
    assert cli("compare", results, "b.jsonl").code == 0


def test_an_unknown_format_imports_nothing(cli, results, tmp_path):
    assert cli("export", results, "--to", "pytest-benchmark", "--output", "a.json").code == 0
    ran = cli("import", "a.json", "--out", "b.jsonl", "--format", "csv")
    assert (ran.code, ran.out) == (2, "")
    assert not (tmp_path / "b.jsonl").exists()


@pytest.mark.parametrize(
    "command", [("export", "a.jsonl", "--to", "csv"), ("report", "a.jsonl"), ("report", "a.jsonl", "--format", "json")]
)
def test_no_output_takes_the_place_of_rounds(cli, results, tmp_path, command):
    (tmp_path / "link").symlink_to(results)
    for name in (results, "link"):
        ran = cli(*command, "--output", name)
        assert (ran.code, ran.out) == (2, "")
        assert f"--output {name}: holds results of `embbench run`, which would be lost; name another file" in ran.err
        assert read_rounds([tmp_path / results])[0] == ROUNDS
    for _ in range(2):  # an answer of before is replaced
        assert cli(*command, "--output", "answer").code == 0


@pytest.mark.parametrize("name", ["github-action-benchmark", "bencher", "csv"])
def test_other_formats_go_to_stdout(cli, results, name):
    ran = cli("export", results, "--to", name)
    assert (ran.code, ran.err) == (0, "")
    assert "pytorch" in ran.out


def test_nothing_to_export(cli, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(encode(failed(case(), "crash", "signal 11")))
    ran = cli("export", "a.jsonl", "--to", "bencher")
    assert (ran.code, ran.out) == (5, "")
    assert "no round of these files has a number to export" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "a.jsonl", "--to", "benchr"), "--to: unknown format 'benchr': did you mean 'bencher'"),
        (("export", "missing.jsonl", "--to", "csv"), "missing.jsonl: no such file"),
        (("import", "missing.json", "--out", "x.jsonl"), "missing.json: No such file"),
        (("import", "a.jsonl", "--out", "x.jsonl"), "not a file of pytest-benchmark"),
    ],
)
def test_what_makes_no_sense_is_one_line(cli, results, tmp_path, arguments, told):
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "x.jsonl").exists()
