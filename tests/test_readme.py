"""Commands, code and tables of the README and of the pages it leads to are those that work."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from embbench.contenders import discover
from tests.launch.environments import make_environment
from tests.readme import EXAMPLE, PAGES, ROOT

BLOCKS = {name: re.findall(r"```sh\n(.*?)```", text, re.S) for name, text in PAGES.items()}
TABLES = {
    command: shown
    for text in PAGES.values()
    for command, shown in re.findall(
        r"<!-- (embbench (?:report|explain|answer)[^>]*?) -->\n+```text\n(.*?)```", text, re.S
    )
}
COMMANDS = [
    line
    for blocks in BLOCKS.values()
    for block in blocks
    for line in block.splitlines()
    if line.startswith("embbench ")
]


@pytest.fixture
def workplace(tmp_path):
    """A directory with what the README's commands name: the committed results and the example contender."""
    shutil.copytree(ROOT / "results", tmp_path / "results", ignore=shutil.ignore_patterns("local"))
    (tmp_path / "mine.py").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("line", COMMANDS, ids=str)  # not by number: another command would move the names
def test_every_command_works(line, workplace):
    script = "import sys; from embbench.cli import main; sys.exit(main())"
    arguments = [sys.executable, "-c", script, *shlex.split(line)[1:]]
    for python in re.findall(r"=([\w.-]+)/bin/python", line):
        make_environment(workplace / python)
    ran = subprocess.run(arguments, cwd=workplace, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()
    assert "invalid" not in ran.stdout


MADE = {
    name: command
    for text in PAGES.values()
    for name, command in re.findall(r"`([\w-]+\.(?:html|svg))`(?:\]\(\1\))? is `(embbench [^`]*)`", text)
}  # pages and pictures beside the results


@pytest.mark.parametrize("name", MADE)
def test_every_page_and_picture_is_that_of_the_committed_results(name, workplace):
    committed = drawn((ROOT / "results" / name).read_text(encoding="utf-8"))
    (workplace / "results" / name).unlink()
    script = "import sys; from embbench.cli import main; sys.exit(main())"
    arguments = [sys.executable, "-c", script, *shlex.split(MADE[name])[1:]]
    subprocess.run(arguments, cwd=workplace, check=True, capture_output=True)
    assert drawn((workplace / "results" / name).read_text(encoding="utf-8")) == committed


def drawn(text: str) -> str | list[str]:
    """A page as it is. A picture: its words and its lines of data; versions of Matplotlib draw the rest otherwise."""
    if not text.startswith("<?xml"):
        return text
    return [*re.findall(r"<text[^>]*>([^<]*)<", text), *re.findall(r'<path d="([^"]*)" clip-path', text)]


def test_there_are_an_example_page_and_pictures():
    assert {"step-cost.html", "step-time.svg"} <= MADE.keys()
    assert len(drawn((ROOT / "results" / "step-time.svg").read_text(encoding="utf-8"))) > 20


def test_there_are_two_setups_and_the_landing_check_runs_both():
    setups = [block for block in BLOCKS["README.md"] if "venv" in block]
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


def test_no_page_shows_another_table():
    assert len(TABLES) == sum(text.count("```text\n") for text in PAGES.values())


def test_the_table_of_contenders_names_every_update():
    page = PAGES["embbench/contenders/README.md"]
    rows = {
        name: line
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall("`(\\w+)`", line.split("|")[1])
    }
    known = {name: set(each.declaration.updates) - {"default"} for name, each in discover().items()}
    assert rows.keys() == known.keys()
    for name, updates in known.items():
        assert updates <= set(re.findall("`(\\w+)`", rows[name].split("|")[3])), name


def test_the_readme_is_short():
    assert len(PAGES["README.md"].splitlines()) <= 200


@pytest.mark.parametrize("name", PAGES)
def test_every_link_to_a_file_leads_to_one(name):
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", PAGES[name])
    assert [link for link in links if "://" not in link and not ((ROOT / name).parent / link).exists()] == []


def test_every_picture_is_there_and_says_what_it_shows():
    pictures = [
        (words, (ROOT / name).parent / path)
        for name, text in PAGES.items()
        for words, path in re.findall(r"!\[(.*?)\]\((.*?)\)", text)
    ]
    assert pictures
    for words, path in pictures:
        assert words
        assert path.read_text(encoding="utf-8").startswith("<?xml")
