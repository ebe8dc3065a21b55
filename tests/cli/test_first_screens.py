"""The first screens of the committed results fit a terminal, and have the rows that their answers speak of."""

import json
import re
from pathlib import Path

import pytest

from embbench.store.journal import read_rounds

CHECKOUT = Path(__file__).parents[2]
RESULTS = sorted(path.relative_to(CHECKOUT) for path in (CHECKOUT / "results").glob("*.jsonl"))


@pytest.fixture(autouse=True)
def in_the_checkout(cli, monkeypatch):
    """Commands have the file's name as the README has it: a long path of the checkout would take one more line."""
    monkeypatch.chdir(CHECKOUT)


def screen(told, most):
    """Asserts that a screen has at most `most` lines of 100 columns."""
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert 0 < len(lines) <= most
    assert max(map(len, lines)) <= 100


def test_there_are_results():
    assert {"explain-epyc", "frameworks", "sparse-frameworks", "sparse-updates"} <= {path.stem for path in RESULTS}


def has_claims(path) -> bool:
    """Whether workloads of the results are held to claims: then answers may be ratios alone, and `explain`, which is
    about tables, is no next step.
    """
    return any(round_.claims for round_ in read_rounds([path])[0])


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_the_first_screen_of_explain_has_25_lines(cli, path):
    screen(cli("explain", str(path)), 25)


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_the_first_screen_of_report_has_29_lines_and_the_rows_of_its_answer(cli, path):
    told = cli("report", str(path))
    screen(told, 29)
    *before, last = [each for each in told.out.split("\n\n")[:-1] if not each.startswith("•")]
    table, answer = ("\n".join([*before, last]), "") if "──" in last else ("\n".join(before), last.replace("\n", " "))
    figures = re.findall(r"\d[\d.]* (?:ns|µs|ms|s)\b|×\d[\d.]*\d", answer)
    assert [figure for figure in figures if not re.search(rf"(?<![\d.]){re.escape(figure)}\b", table)] == []
    assert answer or path.stem == "left-out", "the results of left-out mix versions, so they have no answer"
    assert figures or path.stem == "left-out" or has_claims(path)
    assert "how sure  " in told.out
    assert f"next      {'--details: ' if has_claims(path) else 'embbench explain '}" in told.out


@pytest.mark.parametrize("name", ["crossover", "frameworks", "passes", "sparse-frameworks", "sparse-updates"])
def test_what_a_first_screen_leaves_out_is_counted_and_stands_in_the_details(cli, name):
    path = str(RESULTS[0].with_name(f"{name}.jsonl"))
    brief, (table, *_) = cli("report", path).out, json.loads(cli("report", path, "--format", "json").out)["tables"]
    (rows,) = (int(number) for number in re.findall(r"(\d+) more rows?\b", brief))
    shown = brief.partition("──\n")[2].partition(f"  {rows} more row")[0]
    assert rows + sum("✓" in line or "±" in line for line in shown.splitlines()) == len(table["rows"])
    metrics = sum(int(number) for number in re.findall(r"(\d+) more metrics?\b", brief))
    assert metrics == (len(table["columns"]) - 2 if table["col"] == ["metric"] else 0)
    assert not re.search(r"\d more (row|metric|sentence|note)", cli("report", path, "--details").out)
