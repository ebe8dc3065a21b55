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
ONE = "import sys; from embbench.cli import main; sys.exit(main())"
END = "@@"
SCRIPT = f"""
import os, sys
from embbench.cli import main
command = []
for argument in sys.argv[1:]:
    if argument != "{END}":
        command.append(argument)
        continue
    code = main(command)
    for stream in (1, 2):
        os.write(stream, b"{END} %d\\n" % code)
    command = []
"""
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


def run(place, commands, variables):
    """Each command's (exit code, stdout, stderr), from one process: what Python makes of a locale is per process."""
    told = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONIO"))}
    told |= {"PYTHONPATH": str(ROOT), "COLUMNS": "100", **variables}
    arguments = [each for command in commands for each in (*command, END)]
    ran = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], cwd=place, env=told, capture_output=True)
    assert ran.returncode == 0, ran.stderr
    outs, errs = (re.split(rb"%s (\d+)\n" % END.encode(), data)[:-1] for data in (ran.stdout, ran.stderr))
    return list(zip(map(int, outs[1::2]), outs[::2], errs[::2], strict=True))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_verb_writes_into_any_encoding(place, locale):
    found = run(place, VERBS.values(), LOCALES[locale])
    for verb, (code, out, err) in zip(VERBS, found, strict=True):
        assert code in ((0, 5) if verb == "compare" else (0,)), (verb, err)
        text = (out + err).decode({"latin": "latin-1", "utf-8": "utf-8"}.get(locale, "ascii"))
        assert out, verb
        assert all(letter.isprintable() or letter == "\n" for letter in text), verb
        if verb == "json":
            assert json.loads(out.decode("latin-1"))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_file_that_is_not_there_is_named_in_any_encoding(place, locale):
    gone = f"gone{ODD}"
    commands = [
        ["run", "--suite", f"{gone}.toml"],
        ["plan", "--contender", f"{gone}.py"],
        ["report", gone],
        ["compare", gone, gone],
        ["export", gone, "--to", "csv"],
        ["predict", gone, "--vocab", "2M"],
        ["explain", gone],
    ]
    for command, (code, _, err) in zip(commands, run(place, commands, LOCALES[locale]), strict=True):
        assert (code, err.count(b"\n")) == (2, 1), (command, err)
        assert b"gone" in err
        assert b"\\x9b" in err


@pytest.mark.parametrize("locale", LOCALES)
def test_a_report_into_a_file_is_utf_8_whatever_the_locale(place, locale):
    assert run(place, [[*VERBS["report"], "--output", f"{ODD}.out"]], LOCALES[locale]) == [(0, b"", b"")]
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
    assert err.startswith("embbench: a fault of embbench itself, not of the measured program: ")
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
    assert "(test_cli_streams.py line " in err
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
        ran = subprocess.run([sys.executable, "-c", ONE, *arguments], cwd=place, env=told, stdout=full)
    assert ran.returncode == 2
    reports = {"summary.md", "comment.md", "junit.xml", "gate.json", "report.html"}
    assert {each.name for each in (place / "r").iterdir()} == reports
