"""A Report and its rounds -> the blocks of a page: question, answer, a picture, the tables, further pictures, how sure,
raw samples.
"""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.axes import parse_filter
from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.report.document import Block, Chart, Facts, Heading, Notes, Sentences, only_filled
from embbench.report.pictures import results_pictures, samples_strips
from embbench.report.results_document import claims_grids, curves_grids
from embbench.report.table import Report
from embbench.store.round import Round

FIRST = 3  # sentences of the answer above the pictures


def results_page(
    report: Report, rounds: Sequence[Round], filter_text: str = "", twins: bool = False
) -> tuple[Block, ...]:
    """rounds, filter_text, twins: of the report."""
    return tuple(_blocks(report, rounds, filter_text, twins))


def _blocks(report: Report, rounds: Sequence[Round], filter_text: str, twins: bool) -> Iterator[Block]:
    every = collapse(rounds, twins)
    keep = parse_filter(filter_text, every)
    results, measures = [each for each in every if keep(each)], Measures(every)
    yield from only_filled(
        Heading(report.title or "What was measured?"),
        Sentences(report.answer[:FIRST], strong=True),
        Notes(report.alarms, alarm=True),
    )
    charts = [Chart(each) for each in results_pictures(results, measures)]
    yield from (*charts[:1], *report.tables, *charts[1:], *claims_grids(report), *curves_grids(report))
    yield from only_filled(Sentences(report.answer[FIRST:]), Notes(report.notes))
    yield Heading("How sure are these numbers, and what ran?")
    yield Facts((("how sure", f"{report.sure}."), *report.caption))
    samples = samples_strips(results, measures)
    if samples is not None:
        yield from (Heading("Raw samples"), Chart(samples))
