"""A Report -> its Document: the first screen has the answer, further blocks have the details."""

from collections.abc import Iterator, Sequence

import msgspec

from embbench.plain import shell_line
from embbench.report.document import Block, Document, Facts, Heading, Notes, Sentences, only_filled
from embbench.report.project import ACROSS
from embbench.report.report_data import as_data, as_sheet
from embbench.report.table import Report, Table

MOST_SENTENCES = 3  # of the answer on the first screen
MOST_NOTES = 3  # on single cases, on the first screen
MOST_METRICS = 2  # columns on the first screen of a table with a column per metric
RATIO = "×: ratio to "
MARKS = ("?:", "~:", "+:", "<:")  # notes without which a cell cannot be read


def results_document(report: Report, files: Sequence[str] = (), every_table: bool = True) -> Document:
    """files: the files of the results, for the commands of the next step. every_table: whether the first screen shows
    all tables; otherwise it shows the first.
    """
    return Document(
        blocks=tuple(_blocks(report)),
        screen=tuple(_screen(report, files, every_table)),
        data=as_data(report),
        sheet=as_sheet(report),
    )


def _blocks(report: Report) -> Iterator[Block]:
    yield from only_filled(*_title(report), Notes(report.alarms, alarm=True), *report.tables)
    yield from only_filled(Sentences(report.answer), Notes(report.notes), Facts(report.caption))


def _screen(report: Report, files: Sequence[str], every_table: bool) -> Iterator[Block]:
    yield from only_filled(*_title(report), Notes(report.alarms, alarm=True))
    yield from map(_brief, report.tables if every_table else report.tables[:1])
    yield from only_filled(Sentences(_first(report.answer, MOST_SENTENCES, "sentences")))
    yield from only_filled(Notes(_first(report.notes, MOST_NOTES, "notes")))
    yield Facts((("how sure", f"{report.sure}."), *_next(report, files)))


def _title(report: Report) -> tuple[Heading, ...]:
    return (Heading(report.title),) if report.title else ()


def _brief(table: Table) -> Table:
    """The table with the notes on its marks alone, without figures of the token stream, and with the first metrics of a
    table with a column per metric.
    """
    ratios = next((note.partition(",")[0] for note in table.notes if note.startswith(RATIO)), "")
    rows = tuple(msgspec.structs.replace(row, tokens=()) for row in table.rows)
    notes = tuple(note for note in table.notes if note.startswith(MARKS))
    table = msgspec.structs.replace(table, rows=rows, definition=ratios, notes=notes)
    left = len(table.columns) - MOST_METRICS
    return table if table.col_axes != (ACROSS,) or left <= 0 else _first_metrics(table, left)


def _first_metrics(table: Table, left: int) -> Table:
    columns = table.columns[:MOST_METRICS]
    return msgspec.structs.replace(
        table,
        metric=" · ".join(str(column.values[0]) for column in columns),
        columns=columns,
        rows=tuple(msgspec.structs.replace(row, cells=row.cells[:MOST_METRICS]) for row in table.rows),
        notes=(*table.notes, f"{left} more metrics: --details"),
    )


def _first(texts: Sequence[str], most: int, what: str) -> tuple[str, ...]:
    """The first texts, and the number of the others. what: 'notes', with an s."""
    left = len(texts) - most
    more = f"{left} more {what if left > 1 else what.removesuffix('s')}: --details"
    return tuple(texts) if left <= 0 else (*texts[:most], more)


def _next(report: Report, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    if files and report.measured:
        yield "next", f"{shell_line(['embbench', 'explain', *files])}: why, and what to change"
    yield "next", "--details: all tables and definitions, machine, versions, warnings"
