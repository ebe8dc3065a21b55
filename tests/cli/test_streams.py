"""Any stdout, file name, locale and terminal: real processes, every verb that runs without measuring."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.cli import main
from embbench.cli import verbs as known
from embbench.cli.streams import fitted

ROOT = Path(__file__).parents[2]
SCRIPT = "import sys; from embbench.cli import main; sys.exit(main())"
ODD = os.fsdecode(b"caf\xe9 \x9b31m")  # latin-1 and a control character of eight bits: no UTF-8
LOCALES = {
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin": {"PYTHONIOENCODING": "latin-1"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}
RESULTS = ("embedding-scaling", "explain")


@pytest.fixture
def place(tmp_path):
    """A directory whose name is no UTF-8, with results and a text of such names."""
    odd = tmp_path / ODD
    odd.mkdir()
    for name in RESULTS:
        (odd / f"{name}{ODD}.jsonl").write_bytes((ROOT / "results" / f"{name}.jsonl").read_bytes())
    (odd / f"{ODD}.txt").write_text("the cat and the dog")
    return odd


VERBS = {
    "help": ["run", "--help"],
    "report": ["report", f"embedding-scaling{ODD}.jsonl"],
    "markdown": ["report", f"embedding-scaling{ODD}.jsonl", "--format", "md"],
    "json": ["report", f"embedding-scaling{ODD}.jsonl", "--format", "json"],
    "explain": ["explain", f"explain{ODD}.jsonl"],
    "plot": ["explain", f"explain{ODD}.jsonl", "--plot", "time"],
    "phases": ["explain", f"explain{ODD}.jsonl", "--plot", "phases"],
    "predict": ["predict", f"embedding-scaling{ODD}.jsonl", "--vocab", "3M"],
    "compare": ["compare", f"embedding-scaling{ODD}.jsonl", f"explain{ODD}.jsonl"],
    "export": ["export", f"embedding-scaling{ODD}.jsonl", "--to", "csv"],
    "list": ["list"],
    "plan": ["plan", "--vocab", "200k", "--contender", "numpy"],
}


def run(place, arguments, variables):
    told = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONIO"))}
    told |= {"PYTHONPATH": str(ROOT), "COLUMNS": "100", **variables}
    return subprocess.run([sys.executable, "-c", SCRIPT, *arguments], cwd=place, env=told, capture_output=True)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_writes_into_any_encoding(place, verb, locale):
    ran = run(place, VERBS[verb], LOCALES[locale])
    assert ran.returncode in ((0, 5) if verb == "compare" else (0,)), ran.stderr
    text = (ran.stdout + ran.stderr).decode({"latin": "latin-1", "utf-8": "utf-8"}.get(locale, "ascii"))
    assert "Traceback" not in text
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    if verb == "json":
        assert json.loads(ran.stdout.decode("latin-1"))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("verb", ["run", "plan", "report", "compare", "export", "predict", "explain"])
def test_a_file_that_is_not_there_is_named_in_any_encoding(place, verb, locale):
    gone = f"gone{ODD}"
    flags = {"run": ["--suite", f"{gone}.toml"], "plan": ["--contender", f"{gone}.py"], "compare": [gone, gone]}
    more = {"export": [gone, "--to", "csv"], "predict": [gone, "--vocab", "2M"]}
    ran = run(place, [verb, *{**flags, **more}.get(verb, [gone])], LOCALES[locale])
    assert ran.returncode == 2
    (line,) = ran.stderr.splitlines()
    assert b"gone" in line
    assert b"\\x9b" in line
    assert b"Traceback" not in line


@pytest.mark.parametrize("locale", LOCALES)
def test_a_report_into_a_file_is_utf_8_whatever_the_locale(place, locale):
    ran = run(place, [*VERBS["report"], "--output", f"{ODD}.out"], LOCALES[locale])
    assert (ran.returncode, ran.stdout) == (0, b"")
    assert "±" in (place / f"{ODD}.out").read_bytes().decode("utf-8")


def test_columns_stay_where_they_were():
    table = "   23 ms ±23%      3.9 s ±4%  ✓\n  210 ms ±3%  ×0.0060  lazy ✓  |"
    told = fitted(table, "ascii")
    assert told.splitlines() == ["  23 ms +-23%     3.9 s +-4% ok", " 210 ms +-3%  x0.0060 lazy ok  |"]
    assert fitted(table, "utf-8") == table
    assert [len(line) for line in told.splitlines()] == [len(line) for line in table.splitlines()]
    assert fitted("é\ud800€", "latin-1") == "é\\ud800\\u20ac"


FAULTS = [ZeroDivisionError("planted"), RecursionError(), MemoryError(), ValueError("a\nb\x1b[2J\udce9"), KeyError("x")]


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "verb", [["report", "x.jsonl"], ["plan"], ["list"], ["doctor"], ["export", "x", "--to", "csv"]]
)
def test_a_fault_nobody_foresaw_is_70_one_line_and_a_file(monkeypatch, capsys, tmp_path, verb, error):
    def fail(*arguments, **flags):
        raise error

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(known, "call", fail)
    assert main(verb) == 70
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("embbench: a fault of embbench itself, not of what was measured: ")
    trace = Path(re.search(r"its trace is in (\S+);", err)[1])
    assert trace.parent == tmp_path
    assert "in fail" in trace.read_text()


def test_a_trace_that_cannot_be_written_is_told_with_its_place(monkeypatch, capsys, tmp_path):
    def fail(*arguments):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(known, "call", fail)
    assert main(["list"]) == 70
    err = capsys.readouterr().err
    assert "(test_streams.py line " in err
    assert err.endswith("its trace could not be written: No such file or directory\n")


def test_ctrl_c_at_any_moment_is_130(monkeypatch, capsys):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(known, "call", interrupt)
    assert main(["list"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_full_stdout_costs_no_gate_its_reports(place):
    arguments = ["gate", "--baseline", f"explain{ODD}.jsonl", "--candidate", f"explain{ODD}.jsonl", "--reports", "r"]
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(open("/dev/full", "wb"))  # noqa: PTH123 - a device
        told = {**os.environ, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], cwd=place, env=told, stdout=full)
    assert ran.returncode == 2
    assert {each.name for each in (place / "r").iterdir()} == {"summary.md", "comment.md", "junit.xml", "gate.json"}
