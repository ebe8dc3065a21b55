"""The answers of suites -> a Document: each question, its sentences, and the results that they come from."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from embbench.analysis.collapse.axes import listed
from embbench.plain import one_line, shell_line
from embbench.report.document import Block, Document, Facts, Heading, Notes, Sentences, only_filled
from embbench.report.how_measured import dates
from embbench.report.table import Report
from embbench.store.round import Round

SCHEMA = 1
MOST = 3  # sentences of a suite, unless all are asked for
CANNOT_TELL = "Cannot tell: the results have too few checked numbers for a sentence."


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """suite: its name. report: of the results in `file`."""

    suite: str
    report: Report
    file: str
    rounds: tuple[Round, ...]


def answer_document(answered: Sequence[Answered], missing: Sequence[str], whole: bool) -> Document:
    """missing: names of suites without results. whole: whether all sentences are shown."""
    blocks = [block for each in answered for block in _blocks(each, whole)]
    if missing:
        names = listed(missing, most=len(missing))
        blocks.append(Notes((f"no results of {names}: `embbench run --suite NAME` measures a suite",)))
    data = {"schema": SCHEMA, "answers": [_data(each) for each in answered], "missing": list(missing)}
    return Document(blocks=tuple(blocks), data=data)


def _blocks(answered: Answered, whole: bool) -> Iterator[Block]:
    report = answered.report
    texts = report.answer if whole else tuple(each.text for each in report.brief[:MOST]) or report.answer[:MOST]
    left = len(report.answer) - len(texts)
    more = f"; {left} more sentence{'s' if left > 1 else ''}: embbench answer {answered.suite}" if left > 0 else ""
    yield from only_filled(Heading(f"{answered.suite}: {report.title}"), Notes(report.alarms, alarm=True))
    yield Sentences(texts or (CANNOT_TELL,))
    facts = (
        ("from", f"{shell_line(['embbench', 'report', answered.file])}{more}"),
        ("measured", f"{_where(answered)}, {dates(answered.rounds)}"),
        ("how sure", f"{report.sure}."),
    )
    yield Facts(facts)


def _where(answered: Answered) -> str:
    """Processors and GPUs of the machines."""
    names = [one_line(str(name)) for each in answered.report.machines for name in (each.get("cpu"), *_devices(each))]
    return listed(dict.fromkeys(name for name in names if name != "None"), " / ")


def _devices(machine: dict[str, Any]) -> list[Any]:
    return machine.get("devices") or []


def _data(answered: Answered) -> dict[str, Any]:
    report = answered.report
    return {
        "suite": answered.suite,
        "question": report.title,
        "answer": report.answer,
        "alarms": report.alarms,
        "file": answered.file,
        "machines": report.machines,
        "software": report.software,
        "sure": report.sure,
    }
