"""A Report -> its Document: the first screen has the answer, further blocks have the details."""

from collections.abc import Iterator, Sequence

import msgspec

from embbench.plain import shell_line
from embbench.report.document import Block, Document, Facts, Heading, Notes, Sentences, only_filled
from embbench.report.report_data import as_data, as_sheet
from embbench.report.table import Report, Table

MOST_SENTENCES = 4  # of the answer on the first screen
MOST_NOTES = 4  # on single cases, on the first screen
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
    """The table with the notes on its marks alone, and without figures of the token stream."""
    ratios = next((note.partition(",")[0] for note in table.notes if note.startswith(RATIO)), "")
    rows = tuple(msgspec.structs.replace(row, tokens=()) for row in table.rows)
    notes = tuple(note for note in table.notes if note.startswith(MARKS))
    return msgspec.structs.replace(table, rows=rows, definition=ratios, notes=notes)


def _first(texts: Sequence[str], most: int, what: str) -> tuple[str, ...]:
    left = len(texts) - most
    return tuple(texts) if left <= 0 else (*texts[:most], f"{left} more {what if left > 1 else what[:-1]}: --details")


def _next(report: Report, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    if files and report.measured:
        yield "next", f"{shell_line(['embbench', 'explain', *files])}: why, and what to change"
    yield "next", "--details: all tables and definitions, machine, versions, warnings"
