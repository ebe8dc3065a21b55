"""The verb `report`: files in, answer on stdout, warnings on stderr."""

import json
from pathlib import Path

import pytest

from embbench.cli import main
from embbench.cli.flags import VIEW_FLAGS
from embbench.cli.report import report as verb
from embbench.errors import FileError, NothingMeasured, UsageError
from embbench.store.round import encode
from tests import made_up

RESULTS = Path(__file__).parents[2] / "results"


def report(files, **given):
    """The verb as typer calls it: every flag is there, given or not."""
    return verb(files=files, **{**dict.fromkeys(VIEW_FLAGS), **given})


@pytest.fixture
def journal(tmp_path):
    def write(rounds, name="rounds.jsonl"):
        path = tmp_path / name
        path.write_bytes(b"".join(map(encode, rounds)))
        return path

    return write


def test_the_suite_of_the_rounds_says_how_they_are_shown(journal, capsys):
    report([journal(made_up.scaling())], details=True)
    out, err = capsys.readouterr()
    assert out.startswith("What does a training step cost with 200k")
    assert "host_peak" in out  # the suite's second metric
    assert err == ""


def test_the_first_screen_of_the_default_suite_has_25_lines_at_most(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    report([RESULTS / "embedding-scaling.jsonl"])  # what `embbench run` measured
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("next") and "embbench explain" in line for line in lines)
    assert not any("host_peak" in line for line in lines)


def test_flags_win_over_the_suite(journal, capsys):
    report([journal(made_up.scaling())], row="table,update", col="vocab", metric="host_peak", format_name="json")
    (table,) = json.loads(capsys.readouterr().out)["tables"]
    assert (table["metric"], table["row"], table["col"]) == ("host_peak", ["table", "update"], ["vocab"])


def test_rounds_of_a_suite_that_is_gone_are_shown_as_usual(journal, capsys):
    report([journal(made_up.measured(made_up.case(), [0.1], suite="long-gone"))])
    assert "100 ms" in capsys.readouterr().out


def test_two_files_are_one_report(journal, capsys):
    first = journal(made_up.measured(made_up.case(), [0.1], run="a"), "a.jsonl")
    second = journal(made_up.measured(made_up.case(), [0.1], run="b"), "b.jsonl")
    report([first, second], format_name="json")
    assert json.loads(capsys.readouterr().out)["records"][0]["n"] == 2


def test_a_suite_file_with_a_wrong_column_is_named(journal, tmp_path):
    (tmp_path / "mine.toml").write_text('[report]\ncol = "tabel"\n', encoding="utf-8")
    path = journal(made_up.measured(made_up.case(), [0.1]))
    with pytest.raises(UsageError, match=r"^suite mine: report\.col: unknown axis 'tabel': did you mean 'table'"):
        report([path], suite=str(tmp_path / "mine.toml"))
    report([path], suite=str(tmp_path / "mine.toml"), col="table")
    with pytest.raises(UsageError, match=r"^--col: unknown axis 'tabel'"):
        report([path], col="tabel")


def test_the_filter_of_the_help_works_as_written(journal, capsys):
    path = journal(made_up.scaling())
    assert main(["report", str(path), "--format", "csv", "--filter", "vocab>=1M,update=default|sparse"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 2 * 2  # two metrics of two cases
    assert main(["report", "--help"]) == 0
    assert "'vocab>=1M,update=default|sparse'" in " ".join(capsys.readouterr().out.split())


def test_a_torn_last_line_is_a_warning_beside_the_answer(journal, capsys):
    path = journal(made_up.measured(made_up.case(), [0.1, 0.1]))
    path.write_bytes(path.read_bytes()[:-40])
    report([path])
    out, err = capsys.readouterr()
    assert "100 ms" in out
    assert err.startswith("warning: ")


def test_nothing_measured_is_told_after_the_table(journal, capsys):
    with pytest.raises(NothingMeasured):
        report([journal([made_up.failed(made_up.case(), "crash", "signal 9")])])
    assert "signal 9" in capsys.readouterr().out


def test_output_to_a_file(journal, tmp_path, capsys):
    report([journal(made_up.scaling())], format_name="md", output=tmp_path / "out.md")
    assert capsys.readouterr().out == ""
    assert (tmp_path / "out.md").read_text(encoding="utf-8").startswith("## What does")
    with pytest.raises(FileError, match="--output"):
        report([journal(made_up.scaling())], output=tmp_path / "missing" / "out.md")


def test_a_wrong_format_fails_before_the_files_are_read(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'md'"):
        report([tmp_path / "missing.jsonl"], format_name="mdd")


def test_an_unknown_suite_names_the_nearest(journal):
    with pytest.raises(UsageError, match="did you mean 'sparse-updates'"):
        report([journal(made_up.scaling())], suite="sparse-update")


def test_an_empty_file_beside_others_is_a_warning(journal, capsys):
    whole, empty = journal(made_up.measured(made_up.case(), [0.1, 0.1]), "a.jsonl"), journal([], "empty.jsonl")
    report([empty, whole])
    out, err = capsys.readouterr()
    assert "100.0 ms" in out
    assert "empty.jsonl" in err
    with pytest.raises(FileError, match=r"empty\.jsonl"):
        report([empty])


def test_machines_of_one_kind_count_as_one_where_the_user_says_so(journal, capsys):
    files = []
    for name, vocab in (("a", 200_000), ("b", 2_000_000)):
        machine = {**made_up.MACHINE, "id": name * 8}
        files.append(str(journal(made_up.measured(made_up.case(vocab=vocab), [0.1, 0.1], machine=machine), name)))
    assert main(["report", *files]) == 0
    assert "0a1b2c3d-aaaaaaaa" in capsys.readouterr().out
    assert main(["report", *files, "--across", "twin"]) == 0
    out = capsys.readouterr().out
    assert "2 machines of the kind 0a1b2c3d count as one machine" in out
    assert "at 2M rows as at 200k rows" in out
    assert main(["report", *files, "--across", "machine"]) == 2
    assert "--across: unknown value 'machine': valid: twin" in capsys.readouterr().err
