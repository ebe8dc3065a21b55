"""The answer about cases whose steps several processes share: the fastest of each class, and the imbalance of words."""

from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.cost.rank_time import share_cpus
from embbench.cases.semantics import in_order
from embbench.cases.units import format_count
from embbench.report.figures import factor_text, percent, short_text
from embbench.report.table import Statement
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

TIME, PEAK, SENT, SHARE = "step_time", "host_step_peak", "sent_bytes", "lookup_share"
FAR_MORE = 2.0  # times the bytes that the fastest sends, from which on a sentence names the one that sends most
TOLD = 0.05  # difference of two shares of lookups from which on a sentence names both


def about_ranks(results: Sequence[Result], measures: Measures) -> list[Statement]:
    """A statement for each class, then one about words; [] where no timed case has several ranks."""
    shared = [each for each in results if each.case.ranks > 1 and measures.is_timed(each)]
    classes = in_order(each.semantic for each in shared)
    return [
        *(_fastest([each for each in shared if each.semantic == name], results, measures) for name in classes),
        *_words(shared, measures),
    ]


def _fastest(shared: Sequence[Result], results: Sequence[Result], measures: Measures) -> Statement:
    """Of the largest tables of a class in the largest number of ranks."""
    ranks = max(each.case.ranks for each in shared)
    rows = max(each.case.vocab for each in shared if each.case.ranks == ranks)
    among = [each for each in shared if (each.case.ranks, each.case.vocab) == (ranks, rows)]
    best, *others = sorted(among, key=lambda each: _center(each, TIME, measures))
    name = f"{best.case.contender} {best.case.update}"
    text = (
        f"{best.semantic}, {format_count(rows)} rows in {ranks} ranks: "
        f"{name}{' is the fastest and' if others else ''} takes {_text(best, TIME, measures)}"
    )
    text += _against_one(best, results, measures)
    if sent := _text(best, SENT, measures):
        text += f"; a rank sends {sent}"
        most = max(among, key=lambda each: _center(each, SENT, measures))
        if _center(most, SENT, measures) > FAR_MORE * _center(best, SENT, measures):
            text += f" ({most.case.contender} {most.case.update}: {_text(most, SENT, measures)})"
    return Statement(f"{text}.", (best.case_id,), tuple(each.case_id for each in others))


def _against_one(result: Result, results: Sequence[Result], measures: Measures) -> str:
    alone = msgspec.structs.replace(result.case, ranks=1)
    one = next((each for each in results if (each.case, each.machine) == (alone, result.machine)), None)
    change = None if one is None else measures.ratio(result, one, TIME)
    if one is None or change is None:
        return ""
    text = f", {factor_text(change)} times as long as in one process"
    if separates(change, 1.0) is False:
        text = ", not shown to differ from one process"
    if share_cpus(result):
        text += " (the ranks share CPUs)"
    mine, theirs = _text(result, PEAK, measures), _text(one, PEAK, measures)
    where = "all ranks" if result.in_one_memory else "a rank"
    return f"{text}, with {mine} in {where} instead of {theirs}" if mine and theirs else text


def _words(shared: Sequence[Result], measures: Measures) -> list[Statement]:
    """Two streams of tokens that load the ranks differently, in the same program."""
    for one in shared:
        for other in shared:
            same = msgspec.structs.replace(other.case, tokens=one.case.tokens) == one.case
            first, second = (_center(each, SHARE, measures) for each in (one, other))
            if same and one is not other and first > second + TOLD:
                text = (
                    f"{one.case.contender} {one.case.update}: with {one.case.tokens}, one rank has {percent(first)} of "
                    f"the lookups, with {other.case.tokens} {percent(second)}."
                )
                return [Statement(text, (one.case_id, other.case_id))]
    return []


def _center(result: Result, metric: str, measures: Measures) -> float:
    summary = measures.summary(result, metric)
    return 0.0 if isinstance(summary, Absent) else summary.center


def _text(result: Result, metric: str, measures: Measures) -> str:
    """With 3 figures at most; '' where it was not measured."""
    summary = measures.summary(result, metric)
    return short_text(summary, metric) if isinstance(summary, Summary) else ""
