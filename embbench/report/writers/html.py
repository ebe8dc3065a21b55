"""A Document as a page: a single file that opens from a disk, loads nothing, and can be read without JavaScript."""

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import singledispatch
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from embbench import wire
from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.report.document import Block, Chart, Document, Facts, Grid, Heading, Listing, Notes, Sentences
from embbench.report.plot import Bars, Picture, PlotLines, Strips, Timeline
from embbench.report.plot_grid import grid_of
from embbench.report.table import CLASS, TOKENS, Cell, Column, Table
from embbench.report.writers.page_svg import draw

PAGES = Path(__file__).parents[1] / "pages"
DISTURBED = "disturbed"
# A number at the beginning of a text, with a prefix and a unit, after which no letter follows.
_NUMBER = re.compile(r"([-+−×]?)\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(?:([pnµmkMGT]?)(s|B|s/row|B/step|%)?)?(?![\w/])")
_FACTORS = {"p": 1e-12, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def write_html(document: Document) -> str:
    """The blocks of the document's page, with its JSON values. Ends with a newline."""
    return write_page(document.blocks if document.page is None else document.page(), document.data)


def write_page(blocks: Iterable[Block], data: Any, up: str = "") -> str:
    """data: JSON values. up: address of the page above; '' for none. Ends with a newline."""
    shown = [_shown(block) for block in blocks]
    if not shown or shown[0]["kind"] != "heading":
        shown = [_heading(Heading("embbench")), *shown]
    style, script = _file("page.css"), _file("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template("page.html")
        .render(
            title=shown[0]["text"],
            policy=policy,
            style=Markup(style),
            script=Markup(script),
            blocks=shown,
            up=up,
            data=Markup(_inside_script(wire.document(data))),
            version=version("embbench"),
        )
        + "\n"
    )


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(PAGES), autoescape=True, undefined=jinja2.StrictUndefined)


@functools.cache
def _file(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A source of a Content Security Policy: only this text may act."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _inside_script(text: str) -> str:
    """JSON that ends no <script> and begins no comment in it."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@singledispatch
def _shown(block: Block) -> dict[str, Any]:
    raise TypeError(f"no HTML for {type(block).__name__}")


@_shown.register
def _heading(block: Heading) -> dict[str, Any]:
    return {"kind": "heading", "text": one_line(block.text)}


@_shown.register
def _facts(block: Facts) -> dict[str, Any]:
    return {"kind": "facts", "lines": [(one_line(word), one_line(text)) for word, text in block.lines]}


@_shown.register
def _sentences(block: Sentences) -> dict[str, Any]:
    texts = [one_line(text) for text in block.texts]
    return {"kind": "sentences", "texts": texts, "strong": block.strong, "tone": block.tone}


@_shown.register
def _notes(block: Notes) -> dict[str, Any]:
    return {"kind": "notes", "texts": [one_line(text) for text in block.texts], "alarm": block.alarm}


@_shown.register
def _listing(block: Listing) -> dict[str, Any]:
    return {"kind": "listing", "about": one_line(block.about), "text": block.text}


@_shown.register
def _chart(block: Chart) -> dict[str, Any]:
    picture = block.plot
    names = list(map(one_line, _series_names(picture)))
    return {
        "kind": "picture",
        "title": one_line(picture.title),
        "names": names,
        "colours": [3 * place if isinstance(picture, Strips) else place % 8 for place in range(len(names))],
        "svg": Markup(draw(picture)),
        "numbers": _grid(grid_of(picture)),
    }


def _series_names(picture: Picture) -> list[str]:
    """What can be hidden, in the order of drawing."""
    if isinstance(picture, PlotLines | Timeline):
        return [each.name for each in picture.series]
    if isinstance(picture, Bars):
        return list(picture.parts)
    disturbed = isinstance(picture, Strips) and any(mark.disturbed for strip in picture.strips for mark in strip.marks)
    return ["comparable", DISTURBED] if disturbed else []


@_shown.register
def _grid(block: Grid) -> dict[str, Any]:
    lefts = [each in block.left or _is_named(texts) for each, *texts in zip(block.headings, *block.rows, strict=True)]
    headings = [
        {"text": one_line(each), "left": left, "semantic": ""} for each, left in zip(block.headings, lefts, strict=True)
    ]
    tones = block.tones or ("",) * len(block.rows)
    rows = []
    for row, tone in zip(block.rows, tones, strict=True):
        cells = [_text_cell(text, left) for text, left in zip(row, lefts, strict=True)]
        cells[-1]["tone"] = tone
        rows.append(cells)
    for cells, link in zip(rows, block.links, strict=False):
        cells[0]["link"] = link
    about, title = one_line(block.about), one_line(block.title)
    return {"kind": "table", "title": title, "about": about, "headings": headings, "rows": rows, "notes": []}


@_shown.register
def _table(block: Table) -> dict[str, Any]:
    tokens = TOKENS if any(row.tokens for row in block.rows) else ()
    classes = (CLASS,) if any(row.semantic for row in block.rows) else ()
    labels = [*block.row_axes, *classes, *tokens]
    texts = [[*row.labels, *(row.semantic for _ in classes), *row.tokens] for row in block.rows]
    texts = [[*each, *[""] * (len(labels) - len(each))] for each in texts]
    lefts = [_is_named([each[at] for each in texts]) for at in range(len(labels))]
    headings = [
        {"text": one_line(each), "left": left, "semantic": ""} for each, left in zip(labels, lefts, strict=True)
    ]
    headings += [
        {"text": one_line(each.label), "left": False, "semantic": one_line(each.semantic)} for each in block.columns
    ]
    rows = []
    for row, told in zip(block.rows, texts, strict=True):
        cells = [_text_cell(text, left) for text, left in zip(told, lefts, strict=True)]
        cells += [_cell(each, row.semantic, at, block.unit) for each, at in zip(row.cells, block.columns, strict=True)]
        rows.append(cells)
    title, about, notes = one_line(block.metric), one_line(block.definition), list(map(one_line, block.notes))
    return {"kind": "table", "title": title, "about": about, "headings": headings, "rows": rows, "notes": notes}


def _is_named(texts: Sequence[str]) -> bool:
    """Whether a column has names, which stand left; numbers stand right, also beside a word such as 'none'."""
    return any(texts) and all(number_of(text) is None for text in texts if text)


def _text_cell(text: str, left: bool) -> dict[str, Any]:
    shown = one_line(text)
    return {
        "text": shown, "value": number_of(shown), "left": left, "title": "", "spread": "", "ratio": "", "semantic": "",
        "tone": "", "link": "",
    }  # fmt: skip


def _cell(cell: Cell, row: str, column: Column, unit: str) -> dict[str, Any]:
    """row: the class that the row shows; '' for none."""
    summary, title = cell.summary, ""
    if summary is not None and summary.low is not None and summary.high is not None:
        title = f"{format_quantity(summary.low, unit)} to {format_quantity(summary.high, unit)}, n = {summary.n}"
    return {
        **_text_cell(cell.text + cell.mark, False),
        "value": None if summary is None else f"{summary.center:.12g}",
        "title": title,
        "spread": one_line(cell.spread),
        "ratio": one_line(cell.ratio),
        "semantic": "" if row or column.semantic else one_line(cell.semantic),
    }


def number_of(text: str) -> str | None:
    """The number at the beginning of a text, in base units, for sorting: '12.3 ms ±2%' -> '0.0123'. None without."""
    match = _NUMBER.match(text.lstrip("~*<>≤≥ "))
    if match is None:
        return None
    sign, digits, prefix, unit = match.groups()
    value = float(digits) * _FACTORS[prefix or ""] * (0.01 if unit == "%" else 1.0)
    return f"{-value if sign in ('-', '−') else value:.12g}"
