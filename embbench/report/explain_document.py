"""An Explanation -> its Document: what a step costs, what grows, what to change."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from embbench.analysis.cost.explanation import Explanation
from embbench.cases.case import label
from embbench.report.alternatives import (
    best_changes,
    first_alternatives,
    instead,
    shown_bytes,
    shown_time,
    training_differences,
    ways_to_change,
)
from embbench.report.cost_text import crossing, least_time, where_it_goes, why_it_grows
from embbench.report.document import Block, Chart, Document, Facts, Grid, Heading, Sentences, only_filled
from embbench.report.explain_json import as_json
from embbench.report.explained import WHY, Explained
from embbench.report.figures import spread_text
from embbench.report.growth_text import growth_with, growth_with_rows, memory_with_rows
from embbench.report.lack_text import doubt_text
from embbench.report.plot import Picture, Strips
from embbench.report.rank_costs import ranks_table

MOST_ROWS, MOST_BESIDE_RANKS = 5, 3  # alternatives on the first screen, and beside sentences about ranks
MOST_LACKING = 2  # missing measurements beside sentences about ranks


def explain_document(made: Explained, pictures: Callable[[], Iterable[Picture]] = tuple) -> Document:
    """The first screen has the cost, the growth with its reason, and the best change of each kind of training.
    pictures: of its page.
    """
    return Document(
        blocks=tuple(_blocks(made)),
        screen=tuple(_screen(made)),
        data=as_json(made),
        page=lambda: _page(made, list(pictures())),
    )


def _page(made: Explained, pictures: Sequence[Picture]) -> tuple[Block, ...]:
    """The blocks with the answer and a picture in front; raw samples come last."""
    answer = [text for word, text in _growth(made.explanation) if word in ("grows", "why")]
    best = [f"Best change: {text}" for _, text in best_changes(made.explanation, made.change)][:1]
    heading, *others = _blocks(made)
    tables = [each for each in others if isinstance(each, Grid)]
    charts = [Chart(each) for each in pictures if not isinstance(each, Strips)]
    return (
        heading,
        *only_filled(Sentences((*answer, *best), strong=True)),
        *charts[:1],
        *tables,
        *charts[1:],
        *(each for each in others if not isinstance(each, Grid)),
        *(Chart(each) for each in pictures if isinstance(each, Strips)),
    )


def _screen(made: Explained) -> Iterator[Block]:
    explanation = made.explanation
    known = explanation.growth is not None and explanation.growth.time is not None
    shown = ("grows", "why", "crosses") if known else ("sizes", "crosses")
    rows = MOST_BESIDE_RANKS if made.ranks else MOST_ROWS
    yield from only_filled(
        Heading(_headline(explanation)),
        Facts(made.machine),
        Facts(tuple(line for line in _growth(explanation) if line[0] in shown)),
        Facts(made.ranks),
        instead(explanation, first_alternatives(explanation, made.change, rows)),
    )
    all_known = known and explanation.alternatives
    lacking = [each for each in made.missing if each[0] == WHY or not all_known]
    most = MOST_LACKING if made.ranks else len(lacking)
    yield Facts((*best_changes(explanation, made.change), *_to_measure(lacking[:most]), *_further(made)))


def _further(made: Explained) -> Iterator[tuple[str, str]]:
    doubts = made.explanation.doubts
    if doubts:
        left = len(doubts) - 1
        more = f" ({left} more note{'s' if left > 1 else ''}: --details)" if left else ""
        yield "beware", f"{doubt_text(doubts[0])}{more}"
    yield "next", "--details: parts of a step, least time, all changes, three common claims, machine, versions"


def _blocks(made: Explained) -> Iterator[Block]:
    explanation = made.explanation
    yield from only_filled(
        Heading(_headline(explanation)),
        Facts(made.machine),
        Facts(tuple(_growth(explanation))),
        Facts(made.ranks),
        ranks_table(explanation.result),
        instead(explanation),
        Facts(tuple(ways_to_change(explanation, made.change))),
        Facts(tuple(training_differences(explanation))),
        Facts(tuple((each.answer, f"“{each.claim}”: {each.why}.") for each in made.claim_answers), every=True),
        Facts((*(("beware", doubt_text(doubt)) for doubt in explanation.doubts), *_to_measure(made.missing))),
        Facts(made.caption),
    )


def _to_measure(missing: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield from (("to measure", f"{what}: {command}") for what, command in missing)


def _headline(explanation: Explanation) -> str:
    spread = spread_text(explanation.seconds, "s")
    where = "of memory" if explanation.case.device == "cpu" else "on the GPU"
    memory = "" if explanation.bytes is None else f" and at most {shown_bytes(explanation.bytes.center)} {where}"
    seconds = shown_time(explanation.seconds) + (f" {spread}" if spread else "")
    return f"{label(explanation.case)}: a step takes {seconds}{memory}."


def _growth(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """What grows, why, where the time goes, and the least time."""
    if explanation.growth is not None and explanation.growth.time is not None:
        yield "grows", growth_with_rows(explanation, explanation.growth, explanation.growth.time)
        if memory := memory_with_rows(explanation.growth):
            yield "memory", memory
    for each in explanation.along:
        if each.time is not None:
            yield "sizes", growth_with(each, each.time)
    if (
        explanation.passes is not None
        and explanation.passes.derived
        and explanation.growth is not None
        and explanation.growth.grows
    ):
        yield "why", why_it_grows(explanation, explanation.passes)
    if explanation.phases is not None:
        yield "where", where_it_goes(explanation.phases)
    if explanation.least is not None and explanation.lazy is not None:
        yield "at least", least_time(explanation, explanation.least, explanation.lazy)
    for each in explanation.crossovers:
        if each.faster is not None and each.slower is not None:
            yield "crosses", crossing(each, each.faster, each.slower, explanation.case.update)
