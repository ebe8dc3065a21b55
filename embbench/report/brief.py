"""The answer in few statements, for a first screen that cannot show all rows: each names the cases of its figures."""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.axes import varying
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.report.answer import DEFAULT
from embbench.report.answers import brief_by_workload
from embbench.report.folding import FOLDED_ROWS
from embbench.report.project import Projection
from embbench.report.rank_answer import about_ranks
from embbench.report.ranking import TIME, first_of_classes
from embbench.report.table import Statement
from embbench.report.touched_rows import first_touched_rows


def make_brief(
    answer: Sequence[str], results: Sequence[Result], projection: Projection, measures: Measures
) -> list[Statement]:
    """Statements whose figures stand in FOLDED_ROWS rows or so. answer: the whole answer. results: as the rows order
    them.
    """
    if not answer:
        return []
    if statements := brief_by_workload(results, measures):
        return statements
    if statements := first_touched_rows(results, measures, FOLDED_ROWS):
        return statements
    if statements := about_ranks(results, measures):
        return statements
    if {"contender", "runtime"} & set(varying(results)):
        return first_of_classes(results, projection.reference, measures, FOLDED_ROWS)
    cases = tuple(dict.fromkeys(result.case_id for result in _spoken_of(results, measures)))
    others = tuple(result.case_id for result in results)
    return [Statement(text, cases, others) for text in answer]


def _spoken_of(results: Sequence[Result], measures: Measures) -> Iterator[Result]:
    """The default update at both ends, then the fastest path of each kind of table at the largest vocabulary."""
    timed = [each for each in results if each.audited and not isinstance(measures.summary(each, TIME), Absent)]
    timed.sort(key=lambda each: (-each.case.vocab, _seconds(each, measures)))
    default = [each for each in timed if (each.case.table, each.case.update) == DEFAULT]
    yield from (*default[:1], *default[-1:])
    kinds = dict.fromkeys(each.case.table for each in timed)
    yield from (next(each for each in timed if each.case.table == kind) for kind in kinds)


def _seconds(result: Result, measures: Measures) -> float:
    summary = measures.summary(result, TIME)
    return 0.0 if isinstance(summary, Absent) else summary.center
