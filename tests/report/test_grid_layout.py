"""A terminal of any width shows every figure whole."""

from collections import Counter
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embbench.report.document import Document, Facts, Grid, Notes
from embbench.report.writers import write

WORDS = st.text(ascii_lowercase, min_size=1, max_size=20)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
NUMBERS = st.integers(10, 999)
FIGURES = st.one_of(
    NUMBERS.map(lambda number: f"{number} ms"),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda each: "×{} ({} to {})".format(*each)),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda each: "{} s ({} s to {} s)".format(*each)),
)


@st.composite
def grids(draw):
    """Text and figures in any order of columns, each heading once."""
    kinds = draw(st.lists(st.booleans(), min_size=1, max_size=7))
    headings = tuple(f"{'text' if kind else 'figure'} {at}" for at, kind in enumerate(kinds))
    row = st.tuples(*(TEXTS if kind else FIGURES for kind in kinds))
    rows = tuple(draw(st.lists(row, min_size=1, max_size=4)))
    return Grid(headings=headings, rows=rows, left=tuple(each for each in headings if each.startswith("text")))


def shown(block, width):
    return write(Document(blocks=(block,), data=None), "text", width)


@settings(deadline=None)
@given(grids(), st.integers(40, 120))
def test_every_cell_is_shown_whole(grid, width):
    text = shown(grid, width)
    words: Counter[str] = Counter()
    for heading, *column in zip(grid.headings, *grid.rows, strict=True):
        if heading in grid.left:
            words.update(word for cell in column for word in cell.split())
        else:
            assert all(text.count(cell) >= column.count(cell) for cell in (heading, *column))
    assert words <= Counter(text.split())


@settings(deadline=None)
@given(grids(), st.integers(40, 120))
def test_no_line_is_too_wide_if_its_words_fit_beside_the_first_column(grid, width):
    lines = shown(grid, width).splitlines()
    pieces = [
        max(len(piece) for text in column for piece in (text.split() if heading in grid.left else [text]))
        for heading, *column in zip(grid.headings, *(grid.headings, *grid.rows), strict=True)
    ]
    first, *others = pieces
    assert max(map(len, lines)) <= max(width, *(first + 2 + each for each in others), first)


def test_a_grid_that_is_too_wide_is_split_and_repeats_its_first_column():
    grid = Grid(
        headings=("case", "step", "gain", "memory"),
        rows=(("frozen", "9.09 ms", "×160 (130 to 200)", "1.40 GB"), ("lazy", "10.6 ms", "×130 (110 to 170)", "3 GB")),
        left=("case",),
    )
    assert shown(grid, 36).splitlines() == [
        "case       step               gain",
        "frozen  9.09 ms  ×160 (130 to 200)",
        "lazy    10.6 ms  ×130 (110 to 170)",
        "",
        "case     memory",
        "frozen  1.40 GB",
        "lazy       3 GB",
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4).map(tuple), st.integers(40, 120))
def test_every_word_of_facts_and_notes_is_shown_whole(lines, width):
    for block in (Facts(lines, every=True), Notes(tuple(text for _, text in lines))):
        told = [text for line in lines for text in line] if isinstance(block, Facts) else block.texts
        assert {word for text in told for word in text.split()} <= set(shown(block, width).split())


@pytest.mark.parametrize("block", [Facts((("next", "x" * 90),)), Notes(("x" * 90,))])
def test_a_word_that_is_wider_than_the_terminal_is_not_cut(block):
    assert "x" * 90 in shown(block, 40)


def test_names_of_facts_make_room_for_long_words():
    block = Facts((("trainable compact", f"use {'x' * 40}"), ("frozen", "1 ms")), every=True)
    assert shown(block, 60).splitlines() == [
        "trainable compact  use",
        f"                   {'x' * 40}",
        "frozen             1 ms",
    ]
    assert shown(block, 51).splitlines() == [
        "trainable  use",
        f"compact    {'x' * 40}",
        "frozen     1 ms",
    ]
