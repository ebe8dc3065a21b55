"""A document as a page: its policy, its data, and the numbers by which its tables are sorted."""

import base64
import hashlib
import json
import math
import re

import pytest

from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.document import Chart, Document, Grid, Heading, Sentences
from embbench.report.plot import Mark, PlotLines, Series, Strip, Strips
from embbench.report.results_document import results_document
from embbench.report.writers import write
from embbench.report.writers.html import PAGES, number_of
from embbench.report.writers.page_strips import FOCUSABLE
from embbench.report.writers.svg_parts import Axis, cut
from tests.made_up import case, measured


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.3 ms ±2%", "0.0123"), ("~1.5 GB", "1500000000"), ("×0.08 (0.07 to 0.1)", "0.08"), ("200k", "200000"),
        ("−3 ns", "-3e-09"), ("98 %", "0.98"), ("about 5 µs/row", None), ("3 rounds", "3"), ("", None),
        ("2M", "2000000"), ("12 ns/row", "1.2e-08"), ("7", "7"), ("7x", None),
    ],
)  # fmt: skip
def test_a_text_is_sorted_by_its_number(text: str, number: str | None) -> None:
    assert number_of(text) == number


def page_of(*blocks, **data) -> str:
    return write(Document(blocks=(Heading("Question?"), *blocks), data=data), "html")


def test_only_the_pages_own_script_and_style_may_act() -> None:
    page = page_of(Sentences(("Answer.",), strong=True))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    for kind, name, tag in (("script", "page.js", "script"), ("style", "page.css", "style")):
        text = (PAGES / name).read_text()
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
        assert f"<{tag}>{text}</{tag}>" in page
    assert policy.startswith("default-src 'none'")


def test_data_cannot_end_its_script() -> None:
    page = page_of(name="</script><script>alert(1)</script><!--\u2028")
    inside = re.search(r'id="data">(.*?)</script>', page, re.S)[1]
    assert "<" not in inside
    assert json.loads(inside) == {"name": "</script><script>alert(1)</script><!--\u2028"}


def test_the_script_is_small() -> None:
    assert (PAGES / "page.js").stat().st_size <= 15_000


def test_a_page_is_small() -> None:
    rows = tuple((f"case {number}", f"{number} ms") for number in range(200))
    assert len(page_of(Grid(headings=("case", "step"), rows=rows)).encode()) <= 200_000


def strips(marks: int, disturbed: str = "") -> str:
    every = tuple(Mark(1.0 + number, 0.5, 2.0 + number, f"round {number}", disturbed) for number in range(marks))
    return page_of(Chart(Strips("samples", "step time", "s", (Strip("a case", every),))))


def test_marks_speak_until_there_are_too_many() -> None:
    few, many = strips(3, "steal"), strips(FOCUSABLE + 1)
    assert few.count('class="point"') == 3
    assert 'aria-label="a case, round 0: 1.00 s (500 ms to 2.00 s); steal"' in few
    assert many.count('class="point"') == 0
    assert many.count('class="ticks"') == 1


def test_a_long_name_left_of_a_picture_keeps_its_end():
    assert cut("x" * 34) == "x" * 34
    assert cut("pytorch trainable default adam vocab=200k: same") == "pytorch tra… adam vocab=200k: same"


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((0.8, 1.3), [0.8, 0.9, 1.0, 1.1, 1.2, 1.3]),
        ((1.0, 1.01), [1.0, 1.002, 1.004, 1.006, 1.008, 1.01]),
        ((30.0, 170.0), [30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]),
        ((200_000, 2_000_000), [200_000, 500_000, 1_000_000, 2_000_000]),
    ],
)
def test_ticks_are_round_and_reach_over_the_axis(values: tuple[float, float], ticks: list[float]) -> None:
    assert Axis(values, 0, 100).ticks() == pytest.approx(ticks)


def test_whole_numbers_are_marked_once() -> None:
    series = Series("a case", ((1, 0.1, None, None), (2, 0.2, None, None)))
    page = page_of(Chart(PlotLines("step time by ranks", "ranks", "step time", ("", "s"), (series,))))
    marked = [text for text in re.findall(r'text-anchor="middle">([^<]*)<', page) if text[0].isdigit()]
    assert [text.split()[0] for text in marked] == ["1", "2"]


def test_values_that_hardly_differ_lie_close_together_where_the_axis_is_told_its_least_span() -> None:
    near, free = Axis((100.0, 101.0), 0, 100, 0.2), Axis((100.0, 101.0), 0, 100)
    assert near.at(101) - near.at(100) == pytest.approx(100 * math.log10(1.01) / 0.2)
    assert (near.at(100) + near.at(101)) / 2 == pytest.approx(50)
    assert free.at(101) - free.at(100) == pytest.approx(100 / 1.08)
    wide = Axis((1.0, 100.0), 0, 100, 0.2)
    assert wide.at(100) - wide.at(1) == pytest.approx(100 / 1.08)


def table_of(row: str, col: str) -> str:
    rounds = [each for vocab in (1000, 2000) for each in measured(case(vocab=vocab), [0.1, 0.11, 0.12])]
    return write(results_document(build(rounds, View(row=row, col=col), title="Question?")), "html")


def test_names_of_rows_stand_left_and_numbers_right() -> None:
    names, numbers = table_of("update", "vocab"), table_of("vocab", "update")
    assert re.search(r'<th scope="col" class="left">update<.*<td class="left ">default<', names, re.S)
    assert re.search(r'<th scope="col">vocab<.*<td data-value="1000">1k<', numbers, re.S)


def test_the_interval_of_a_cell_has_the_unit_of_the_cell() -> None:
    assert re.findall(r'title="([^"]*)">110 ms', table_of("vocab", "update")) == ["87.5 ms to 138 ms, n = 3"] * 2
