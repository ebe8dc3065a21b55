"""Whatever a text from outside holds, each writer's output stays one cell, one field, one attribute, and reads back."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from embbench.analysis.compare.comparison import Comparison
from embbench.analysis.compare.differences import Difference
from embbench.cases.case import Case
from embbench.cases.suite import View
from embbench.plain import one_line
from embbench.report.assemble import build
from embbench.report.comparisons import Compared
from embbench.report.gate_report import GateResult, annotations, comment, junit, machine_readable, marker
from embbench.report.plot import Bars, Cells, PlotLines, Series
from embbench.report.writers.data import field
from embbench.report.writers.markdown import escaped
from embbench.report.writers.plot_svg import draw_svg
from embbench.report.writers.plot_text import draw_text
from tests.made_up import failed, measured
from tests.written import render, render_comparisons

PIECES = [
    "|", "\n", "\\", "`", "<b>", "<!-- x -->", "-->", "--!>", "![a](http://x)", "[a](b)", "@octocat", "#123", "GH-7",
    "&lt;", "&#64;", "http://x.org", "www.x.org", "- ", "1. ", "> ", "# ", "***", "---", "===", "| --- |", "~~~", "$a$",
    "_x_", "\x1b[31m", "\u202e", "\u2028", "caf\udce9", "::error::x", "##[error]", "%0A", ",", '"', "=1+1", "+", "-1",
    "\x00", "\uffff", "x",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text()).map("".join)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(text: str) -> str:
    """The text of a Markdown document that is one paragraph of nothing but text."""
    tokens = PARSER.parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"], tokens
    children = tokens[1].children
    assert {token.type for token in children} <= {"text", "text_special"}, children
    return "".join(token.content for token in children)


@settings(max_examples=400)
@given(TEXTS)
def test_markdown_shows_the_text_and_nothing_else(text):
    told = one_line(text)
    if told:
        assert shown(escaped(text)).replace("\u200b", "") == told


@settings(max_examples=400)
@given(TEXTS)
def test_markdown_keeps_a_row_to_its_cells(text):
    told = one_line(text)
    tokens = PARSER.parse(f"| a | b |\n| --- | --- |\n| {escaped(text)} | {escaped(text)} |\n")
    cells = [each.content for at, each in enumerate(tokens) if at and tokens[at - 1].type in ("td_open", "th_open")]
    assert len(cells) == 4
    kinds = {child.type for token in tokens if token.type == "inline" for child in token.children}
    assert kinds <= {"text", "text_special"}
    if told:
        assert shown(cells[2]).replace("\u200b", "") == told


@pytest.mark.parametrize("text", ["@octocat", "see o/r#12", "GH-12", "https://x.org", "www.x.org", "a@b.org", "x #1"])
def test_what_github_links_is_parted(text):
    """GitHub looks for these in the rendered text."""
    told = shown(escaped(text))
    assert told != text
    assert told.replace("\u200b", "") == text


@settings(max_examples=400)
@given(TEXTS)
def test_a_field_of_csv_is_one_field_and_no_formula(text):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([field(text), field(-1.5), field(True)])
    ((told, number, yes),) = csv.reader(io.StringIO(out.getvalue()))
    assert told.removeprefix("'") == one_line(text).removeprefix("'")
    assert told[:1] not in ("=", "+", "-", "@")
    assert (number, yes) == ("-1.5", "true")
    assert out.getvalue().count("\n") == 1


def gate_result(text: str, problem: bool) -> GateResult:
    case, differs = Case(contender=text), Difference("software", text, text, text, True)
    each = Comparison(
        name=text, case_id="c", case=case, metric="step_time", threshold=0.05, base=None, candidate=None, ratio=None,
        verdict="broke", reason="failed", causes=(text,), evidence=None, paired=False, differences=(differs,),
    )  # fmt: skip
    told = Compared(text, text, () if problem else (each,), (differs,))
    return GateResult(text, told, 4, False, text if problem else "")


@settings(deadline=None)
@given(TEXTS, st.booleans())
def test_a_gates_files_hold_any_text(text, problem):
    problem = problem and text != ""
    made = gate_result(text, problem)
    root = ElementTree.fromstring(junit(made).encode())
    assert len(root) == 1
    assert root.get("name") == one_line(f"embbench gate {text}")
    told = json.loads(machine_readable(made).encode())
    assert told["exit_code"] == 4
    first, *rest = comment(made).split("\n")
    assert first == marker(text)
    assert first.count("-->") == 1
    assert "--!>" not in first
    assert not any(line.startswith("<!--") for line in rest)
    (line,) = annotations(made)
    assert line.startswith("::error title=")
    assert line.isprintable()
    head, _, _ = line.removeprefix("::error title=").partition("::")
    assert not set(":,") & set(head)
    for form in ("text", "md", "csv"):
        written = render_comparisons(made.compared, form)
        assert all(letter.isprintable() or letter in "\n\u200c\u200d" for letter in written)


@settings(deadline=None, max_examples=12)
@given(TEXTS)
def test_plots_hold_any_name(text):
    lines = PlotLines(text, text, text, ("", "s"), (Series(text, ((1.0, 1.0, None, None), (10.0, 2.0, None, None))),))
    bars = Bars(text, (text,), {text: (1.0,), f"{text}2": (0.5,)})
    for plot in (lines, bars, Cells(text, (text,), (text,), {(0, 0): ("k", text)})):
        assert ElementTree.fromstring(draw_svg(plot).encode()).tag.endswith("svg")
        draw_text(plot, 80, False)


@settings(deadline=None, max_examples=30)
@given(TEXTS, st.sampled_from(["text", "md", "csv", "json"]))
def test_a_report_of_rounds_that_say_anything(text, form):
    case = Case(contender=text, table="frozen", update="none")
    rounds = measured(case, [0.1, 0.11], suite=text, ran={text: text}, software={text: text}, machine={"cpu": text})
    other = msgspec.structs.replace(case, vocab=7)
    rounds += [failed(other, "crash", text, run=text, suite=text, case_id=text)]
    plain = render(build(rounds, View(reference=""), title="t"), form)
    assert plain.encode("utf-8", "backslashreplace")
    assert all(letter.isprintable() or letter in "\n\u200c\u200d" or "\udc80" <= letter <= "\udcff" for letter in plain)
