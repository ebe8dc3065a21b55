"""An Explanation -> its Document: what a step costs, what grows, what to change."""

from collections.abc import Callable, Iterator

import msgspec

from embbench.model.explanation import Explanation
from embbench.report.alternatives import (
    Change,
    best_changes,
    instead,
    shown_bytes,
    shown_time,
    training_differences,
    ways_to_change,
)
from embbench.report.claims import ClaimAnswer
from embbench.report.cost_text import crossing, least_time, where_it_goes, why_it_grows
from embbench.report.document import Block, Document, Facts, Heading, only_filled
from embbench.report.explain_json import as_json
from embbench.report.figures import spread_text
from embbench.report.growth_text import growth_with, growth_with_rows, memory_with_rows
from embbench.report.lack_text import doubt_text
from embbench.results.collapse import Result
from embbench.spec.case import label

MOST_ROWS = 5  # alternatives on the first screen


class Explained(msgspec.Struct, frozen=True):
    """change: see Change. source: where what is declared of a result's path is from. missing: what was not measured ->
    the command that measures it. caption: (word, text).
    """

    told: Explanation
    claim_answers: tuple[ClaimAnswer, ...]
    change: Change
    source: Callable[[Result], str]
    missing: tuple[tuple[str, str], ...]
    caption: tuple[tuple[str, str], ...]


def explain_document(made: Explained) -> Document:
    """The first screen has the cost, the growth with its reason, and the best change of each kind of training."""
    return Document(blocks=tuple(_blocks(made)), screen=tuple(_screen(made)), data=as_json(made))


def _screen(made: Explained) -> Iterator[Block]:
    told = made.told
    known = told.growth is not None and told.growth.time is not None
    shown = ("grows", "why", "crosses") if known else ("sizes", "crosses")
    yield from only_filled(
        Heading(_headline(told)),
        Facts(tuple(line for line in _growth(told) if line[0] in shown)),
        instead(told, MOST_ROWS),
    )
    lacking = () if known and told.alternatives else tuple(_to_measure(made))
    yield Facts((*best_changes(told, made.change), *lacking, *_further(made)))


def _further(made: Explained) -> Iterator[tuple[str, str]]:
    doubts = made.told.doubts
    if doubts:
        more = f" ({len(doubts) - 1} more notes: --details)" if len(doubts) > 1 else ""
        yield "beware", f"{doubt_text(doubts[0])}{more}"
    yield "next", "--details: parts of a step, least time, all changes, three common claims, machine, versions"


def _blocks(made: Explained) -> Iterator[Block]:
    told = made.told
    yield from only_filled(
        Heading(_headline(told)),
        Facts(tuple(_growth(told))),
        instead(told),
        Facts(tuple(ways_to_change(told, made.change))),
        Facts(tuple(training_differences(told))),
        Facts(tuple((each.answer, f"“{each.claim}”: {each.why}.") for each in made.claim_answers)),
        Facts((*(("beware", doubt_text(doubt)) for doubt in told.doubts), *_to_measure(made))),
        Facts(made.caption),
    )


def _to_measure(made: Explained) -> Iterator[tuple[str, str]]:
    yield from (("to measure", f"{what}: {command}") for what, command in made.missing)


def _headline(told: Explanation) -> str:
    spread = spread_text(told.seconds, "s")
    memory = "" if told.bytes is None else f" and {shown_bytes(told.bytes.center)} of memory at its peak"
    return f"{label(told.case)}: a step takes {shown_time(told.seconds)}{f' {spread}' if spread else ''}{memory}."


def _growth(told: Explanation) -> Iterator[tuple[str, str]]:
    """What grows, why, where the time goes, and the least time."""
    if told.growth is not None and told.growth.time is not None:
        yield "grows", growth_with_rows(told, told.growth, told.growth.time)
        if memory := memory_with_rows(told.growth):
            yield "memory", memory
    for each in told.along:
        if each.time is not None:
            yield "sizes", growth_with(each, each.time)
    if told.passes is not None and told.passes.derived and told.growth is not None and told.growth.grows:
        yield "why", why_it_grows(told, told.passes)
    if told.phases is not None:
        yield "where", where_it_goes(told.phases)
    if told.least is not None and told.lazy is not None:
        yield "at least", least_time(told, told.least, told.lazy)
    for each in told.crossovers:
        if each.faster is not None and each.slower is not None:
            yield "crosses", crossing(each, each.faster, each.slower, told.case.update)
