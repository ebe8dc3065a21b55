"""A Report -> its Document: the first screen has the answer, further blocks have the details."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from embbench.plain import shell_line, without_middle
from embbench.report.curve_table import HEADINGS
from embbench.report.document import Block, Document, Facts, Grid, Heading, Notes, Sentences, only_filled
from embbench.report.folding import first_statements, folded, is_long
from embbench.report.report_data import as_data, as_sheet
from embbench.report.table import Report, Table

MOST_SENTENCES = 3  # of the answer on the first screen
MOST_ANSWER = 1000  # characters of them; a longer answer is brief
MOST_NOTES = 3  # on single cases, on the first screen
LONGEST = 240  # characters of the first of many notes
RATIO = "×: ratio to "
MARKS = ("?:", "~:", "+:", "<:")  # notes without which a cell cannot be read


def results_document(
    report: Report,
    files: Sequence[str] = (),
    every_table: bool = True,
    page: Callable[[], tuple[Block, ...]] | None = None,
) -> Document:
    """files: the files of the results, for the commands of the next step. every_table: whether the first screen shows
    all tables; otherwise it shows the first. page: see Document.
    """
    return Document(
        blocks=tuple(_blocks(report)),
        screen=tuple(_screen(report, files, every_table)),
        data=as_data(report),
        sheet=as_sheet(report),
        page=page,
    )


def _blocks(report: Report) -> Iterator[Block]:
    yield from only_filled(*_title(report), Notes(report.alarms, alarm=True), *report.tables)
    yield from (*claims_grids(report), *curves_grids(report))
    yield from only_filled(Sentences(report.answer), Notes(report.notes), Facts(report.caption))


def claims_grids(report: Report) -> Iterator[Grid]:
    """The grid of the claims, if there are any."""
    if report.claims is not None:
        yield Grid(
            headings=("claim", "right value", *report.claims.contenders),
            rows=report.claims.rows,
            left=("claim",),
            title="claims",
            about="Exact statements, checked once in every round. known: the framework is known to deviate, see below.",
        )


def curves_grids(report: Report) -> Iterator[Grid]:
    """The grid of the learning curves, if there are any."""
    if report.curves:
        yield Grid(
            headings=HEADINGS,
            rows=report.curves,
            left=HEADINGS[:2],
            title="learning curves",
            about="Medians over seeds, with 95 % intervals; smaller is better. best: the smallest value of a curve.",
        )


def _screen(report: Report, files: Sequence[str], every_table: bool) -> Iterator[Block]:
    """A long table or a long answer makes the answer brief."""
    shown = report.tables if every_table else report.tables[:1]
    long = any(map(is_long, shown))
    brief = first_statements(report.brief, shown[0]) if long else report.brief
    answer = _first(report.answer, MOST_SENTENCES)
    is_brief = bool(brief) and (long or sum(map(len, answer)) > MOST_ANSWER)
    if is_brief:
        texts = [statement.text for statement in report.brief]
        answer = _first(texts, min(len(brief), MOST_SENTENCES))
    tables = [_with_its_marks(folded(_brief(table), brief, every_table)) for table in shown]
    marks = tuple(note[0] for table in tables for note in table.notes if note.startswith(MARKS))
    notes = _counted(report.notes, marks) if long or len(report.notes) > MOST_NOTES else report.notes
    yield from only_filled(*_title(report), Notes(report.alarms, alarm=True))
    yield from tables
    yield from only_filled(Sentences(answer), Notes(notes))
    yield Facts((("how sure", f"{report.sure}."), *_next(report, files, "rows, sentences" if is_brief else "tables")))


def _title(report: Report) -> tuple[Heading, ...]:
    return (Heading(report.title),) if report.title else ()


def _brief(table: Table) -> Table:
    """The table with the notes on its marks alone, and without figures of the token stream."""
    ratios = next((note.partition(",")[0] for note in table.notes if note.startswith(RATIO)), "")
    rows = tuple(msgspec.structs.replace(row, tokens=()) for row in table.rows)
    notes = tuple(note for note in table.notes if note.startswith(MARKS))
    return msgspec.structs.replace(table, rows=rows, definition=ratios, notes=notes)


def _with_its_marks(table: Table) -> Table:
    """The table without notes on marks that none of its cells has."""
    shown = "".join(cell.text + cell.mark + cell.ratio for row in table.rows for cell in row.cells)
    notes = tuple(note for note in table.notes if not note.startswith(MARKS) or note[0] in shown)
    return msgspec.structs.replace(table, notes=notes)


def _first(sentences: Sequence[str], most: int) -> tuple[str, ...]:
    """The first sentences, and the number of the others."""
    left = len(sentences) - most
    more = f"{left} more sentence{'s' if left > 1 else ''}: --details"
    return tuple(sentences) if left <= 0 else (*sentences[:most], more)


def _counted(notes: Sequence[str], marks: tuple[str, ...]) -> tuple[str, ...]:
    """The first note without its middle, and the number of the others, in one text. marks: that stand below the table;
    a first note on a mark is only counted.
    """
    if len(notes) < 2:
        return tuple(notes)
    if marks and notes[0].startswith(marks):
        return (f"{len(notes)} notes on single cases: --details",)
    return (
        f"{without_middle(notes[0], LONGEST)} ({len(notes) - 1} more note{'s' if len(notes) > 2 else ''}: --details)",
    )


def _next(report: Report, files: Sequence[str], what: str) -> Iterator[tuple[str, str]]:
    if files and report.measured and report.claims is None:
        yield "next", f"{shell_line(['embbench', 'explain', *files])}: why, and what to change"
    yield "next", f"--details: all {what} and definitions, machine, versions, warnings"
