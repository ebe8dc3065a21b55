"""The README's commands, code and table are those that work."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.S)
TABLES = dict(re.findall(r"<!-- (embbench (?:report|explain) .*?) -->\n+```text\n(.*?)```", TEXT, re.S))
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("embbench ")]


@pytest.fixture
def workplace(tmp_path):
    """A directory with what the README's commands name: the committed results and the example contender."""
    shutil.copytree(ROOT / "results", tmp_path / "results", ignore=shutil.ignore_patterns("local"))
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_works(line, workplace):
    script = "import sys; from embbench.cli import main; sys.exit(main())"
    arguments = [sys.executable, "-c", script, *shlex.split(line)[1:]]
    ran = subprocess.run(arguments, cwd=workplace, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()
    assert "invalid" not in ran.stdout


def test_there_are_two_setups_and_the_landing_check_runs_both():
    setups = [block for block in BLOCKS if "venv" in block]
    assert len(setups) == 2
    assert any("embbench run" in block for block in setups)
    assert any("pytest" in block for block in setups)
    landing = (ROOT / ".ci" / "run").read_text()
    assert '"embbench run"' in landing
    assert '"pytest"' in landing


@pytest.mark.parametrize("command", sorted(TABLES), ids=lambda command: "-".join(command.split()[1:3]))
def test_every_table_is_that_of_the_committed_results(command, workplace):
    """Regenerate with the command that the README names above the table, at a width of 100 columns. A line "…" at the
    end leaves out the rest.
    """
    script = "import sys; from embbench.cli import main; sys.exit(main())"
    arguments = [sys.executable, "-c", script, *shlex.split(command)[1:]]
    ran = subprocess.run(arguments, cwd=workplace, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"})
    shown = TABLES[command].removesuffix("…\n")
    assert (ran.stdout if shown == TABLES[command] else ran.stdout[: len(shown)]) == shown


def test_the_readme_shows_no_other_table():
    assert len(TABLES) == TEXT.count("```text\n")


def test_every_picture_is_there_and_says_what_it_shows():
    pictures = re.findall(r"!\[(.*?)\]\((.*?)\)", TEXT)
    assert pictures
    for words, path in pictures:
        assert words
        assert (ROOT / path).read_text(encoding="utf-8").startswith("<?xml")
