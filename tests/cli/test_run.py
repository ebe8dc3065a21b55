"""`embbench run` from the shell's side: table, resume, exit codes."""

import json
import re
from pathlib import Path

import pytest
from small_runs import CASES, LAUNCH, PLAIN, SMALL, journal

from embbench.store.journal import read_rounds


def test_run_measures_then_shows_then_has_nothing_left(cli, tmp_path):
    first = cli("run", *CASES)
    assert first.code == 0
    assert "step_time" in first.out
    assert re.search(r"\[1/4\] plain trainable default sgd vocab=1k · round 1/2 · about \d+ s left\n  step ", first.err)
    assert "[4/4]" in first.err
    path = journal(tmp_path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-embedding-scaling-[0-9a-f]{8}\.jsonl", path.name)
    before = path.read_bytes()
    assert len(before.splitlines()) == 4
    again = cli("run", *CASES)
    assert again.code == 0
    assert again.out == first.out
    assert again.err == (
        f"embbench: nothing was run: results/local/{path.name} has all rounds; --fresh starts a new file\n"
        f"embbench: page: results/local/{path.stem}.html\n"
    )
    assert path.with_suffix(".html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert path.read_bytes() == before
    fresh = cli("run", *CASES, "--fresh")
    assert fresh.code == 0
    assert f"results/local/{path.stem}-2.jsonl" in fresh.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("flag", ["--page", "--output"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(cli, tmp_path, flag):
    for name, reason in (("missing/a.html", "No such file or directory"), (".", "Is a directory")):
        ran = cli("run", *CASES, "--out", "mine.jsonl", flag, name)
        told = f"embbench: {flag} {name}: {reason}; name a file that can be written\n"
        assert (ran.code, ran.out, ran.err) == (2, "", told)
    assert not (tmp_path / "mine.jsonl").exists()


def test_a_page_is_written_where_it_is_asked_for(cli, tmp_path):
    ran = cli("run", *CASES, "--out", "mine.jsonl", "--page", "mine.html")
    assert ran.code == 0
    assert "embbench: page: mine.html\n" in ran.err
    assert {each.name for each in tmp_path.glob("*.html")} == {"mine.html"}
    assert cli("run", *CASES, "--out", "mine.jsonl").err.count("page") == 0


def test_more_rounds_go_on_with_the_same_file(cli, tmp_path):
    assert cli("run", *CASES).code == 0
    assert "[4/4]" in cli("run", *CASES, "--rounds", "4").err
    assert len(read_rounds([journal(tmp_path)])[0]) == 8


def test_what_was_given_up_is_named(cli, start, tmp_path):
    arguments = ("run", *CASES, "--rounds", "3", "--out", "r.jsonl")
    with start(*arguments, fault="silent") as process:
        process.communicate()
    ran = cli(*arguments)
    assert ran.code == 4
    assert ran.err.splitlines()[0] == (
        "embbench: nothing was run: r.jsonl has all other rounds; given up after two failures in a row: "
        "plain trainable default sgd vocab=1k, plain trainable default sgd vocab=2k; --fresh starts a new file"
    )


def test_an_edited_corpus_is_another_case(cli, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the cat")
    arguments = ("run", *CASES, "--tokens", "corpus:text.txt", "--out", "r.jsonl")
    assert cli(*arguments).code == 0
    assert cli(*arguments).err.startswith("embbench: nothing was run")
    text.write_text("the dog")
    assert "[4/4]" in cli(*arguments).err
    rounds = read_rounds([tmp_path / "r.jsonl"])[0]
    assert all(round_.case.tokens.startswith("corpus#") for round_ in rounds)
    assert len({round_.case.tokens for round_ in rounds}) == 2


def test_the_same_content_elsewhere_goes_on_and_is_found(cli, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "text.txt").write_text("the cat")
    assert cli("run", *CASES, "--tokens", "corpus:text.txt", "--out", "r.jsonl").code == 0
    (tmp_path / "text.txt").rename(tmp_path / "deep" / "other")
    for path in ("deep/other", "./deep/../deep/other", str(tmp_path / "deep" / "other")):
        ran = cli("run", *CASES, "--tokens", f"corpus:{path}", "--out", "r.jsonl")
        assert ran.err.startswith("embbench: nothing was run")
    (tmp_path / "copy").write_text("the cat")
    (tmp_path / "edited").write_text("the dog")
    shown = cli("report", "r.jsonl", "--filter", "tokens=corpus:copy")
    assert (shown.code, "plain" in shown.out) == (0, True)
    other = cli("report", "r.jsonl", "--filter", "tokens=corpus:edited")
    assert (other.code, "corpus#" in other.err) == (2, True)
    gone = cli("report", "r.jsonl", "--filter", "tokens=corpus:gone")
    assert (gone.code, "corpus gone: No such file" in gone.err) == (2, True)


def test_a_text_that_is_cut_badly_is_told(cli, tmp_path):
    (tmp_path / "thai.txt").write_text("ภาษาไทย", encoding="utf-8")
    for verb, out in (("plan", ()), ("run", ("--out", "r.jsonl"))):
        ran = cli(verb, *CASES, "--tokens", "corpus:thai.txt", *out)
        assert ran.code == 0
        assert ran.err.count("thai.txt: 100% of the tokens are of scripts without spaces") == 1
    told = json.loads(cli("plan", *CASES, "--tokens", "corpus:thai.txt", "--format", "json").out)
    (source,) = told["sources"]
    assert (source["name"], source["tokens"], source["unspaced"]) == ("thai.txt", 7, 7)
    (tmp_path / "ids.txt").write_text("1 2 3")
    assert "scripts" not in cli("plan", *CASES, "--tokens", "ids:ids.txt").err


def test_table_formats_and_output(cli, tmp_path):
    ran = cli("run", *CASES, "--format", "json", "--metric", "step_time")
    assert json.loads(ran.out)
    ran = cli("run", *CASES, "--format", "md", "--output", "t.md")
    assert (ran.code, ran.out) == (0, "")
    assert "step_time" in (tmp_path / "t.md").read_text()
    ran = cli("run", *CASES, "--output", "gone/t.md")
    assert ran.code == 2
    assert "gone/t.md" in ran.err.splitlines()[-1]


def test_nothing_measured_is_exit_5_with_the_reasons(cli):
    absent = str(LAUNCH / "fixtures" / "absent.py")
    ran = cli("run", "--contender", absent, "--table", "trainable", "--update", "default", "--optimizer", "sgd")
    assert ran.code == 5
    assert "not installed: pip install embbench-no-such-package" in " ".join(ran.out.split())
    assert ran.err.splitlines()[-1].startswith("embbench: nothing was measured")


def test_no_device_is_a_row_and_not_a_failure_of_the_others(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("embbench.launch.preflight.list_devices", list)
    contender = tmp_path / "both.py"
    contender.write_text(Path(PLAIN).read_text().replace('"updates"', '"devices": ("cpu", "cuda"), "updates"'))
    ran = cli("run", *CASES, "--contender", "./both.py", "--device", "cpu,cuda")
    assert ran.code == 0
    assert "no CUDA device" in ran.err


def test_too_big_is_skipped_without_a_process(cli, monkeypatch):
    monkeypatch.setattr("embbench.launch.executor.WORKER", ("/no/such/program",))
    ran = cli("run", *SMALL, "--vocab", "400G", "--preset", "quick")
    assert ran.code == 5
    assert re.search(r"skipped: needs about 12.8 TB of host memory, but only \S+ GB are free; --force", ran.err)


def test_edited_contender_is_refused(cli, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(Path(PLAIN).read_text())
    arguments = ("run", *CASES[2:], "--contender", "./mine.py")
    assert cli(*arguments).code == 0
    mine.write_text(mine.read_text() + "# faster\n")
    ran = cli(*arguments)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "measured with the file of contender mine, " in ran.err
    assert "--fresh" in ran.err
    assert len(list((tmp_path / "results" / "local").glob("*.jsonl"))) == 1
    assert cli(*arguments, "--fresh").code == 0
