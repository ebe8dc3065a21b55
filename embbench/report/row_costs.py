"""Names and numbers of cases whose table was stepped alone, for sentences."""

from collections import Counter
from collections.abc import Sequence

from embbench.analysis.collapse.axes import axis_text
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.case import AXES, NO_UPDATE
from embbench.cases.metrics import METRICS
from embbench.cases.units import format_count, format_quantity
from embbench.report.figures import figures
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

COST, DISPLACED, SHARE, STEP = "row_cost", "displaced_row_cost", "ceiling_share", "step_time"
WHOLE = "table_time"
PARTS = ("table_lookup", "table_gradient", "table_update")
START, DISPLACED_START = "table_start", "displaced_start"
INDEX, SUM = "table_index", "table_sum"
FIXED = tuple(axis for axis in AXES if axis != "vocab")
PATH = ("contender", "table", "update", "optimizer")


class RowCosts:
    """results: the audited results of a report that have a row_cost, the usual cases first. usual: axis -> its most
    frequent value, the earlier value at a tie.
    """

    def __init__(self, results: Sequence[Result], measures: Measures) -> None:
        self._measures = measures
        known = [each for each in results if each.audited and self.has(each, COST)]
        self.usual = {
            axis: Counter(getattr(each.case, axis) for each in known).most_common(1)[0][0] for axis in FIXED if known
        }
        self.results = sorted(known, key=lambda each: (len(self.unusual(each)), self.name(each), vocab_of(each)))

    def has(self, result: Result, metric: str) -> bool:
        return not isinstance(self._measures.summary(result, metric), Absent)

    def summary(self, result: Result, metric: str) -> Summary:
        """The summary of a metric that the result has."""
        summary = self._measures.summary(result, metric)
        assert isinstance(summary, Summary)
        return summary

    def ratio(self, one: Result, other: Result, metric: str) -> Summary | None:
        """one / other; None without an interval."""
        change = self._measures.ratio(one, other, metric)
        return None if change is None or change.low is None else change

    def touched(self, result: Result) -> float:
        """Distinct rows per batch; 0 where they were not counted."""
        stream = self._measures.stream(result)
        return 0.0 if stream is None else stream[0]

    def unusual(self, result: Result) -> list[str]:
        """The axes, except vocab, on which the value of the result is not the usual value."""
        return [axis for axis in FIXED if getattr(result.case, axis) != self.usual[axis]]

    def shown(self, result: Result, metric: str) -> str:
        """The number as in the table, without its '/row'."""
        summary = self.summary(result, metric)
        return format_quantity(summary.center, METRICS[metric].unit, figures(summary)).removesuffix("/row")

    def name(self, result: Result) -> str:
        """'pytorch compact adam', followed by the unusual axes."""
        case = result.case
        path = case.table if case.update == NO_UPDATE else case.update
        path = path if case.table in ("trainable", path) else f"{case.table} {path}"
        others = [axis for axis in self.unusual(result) if axis not in PATH]
        return " ".join([case.contender, path, case.optimizer, *(said(axis, result) for axis in others)])


def said(axis: str, result: Result) -> str:
    """'threads 1', or the value alone where it needs no name of its axis."""
    value = getattr(result.case, axis)
    return value if axis in ("tokens", *PATH) else f"{axis} {axis_text(axis, value)}"


def rows_of(result: Result) -> str:
    return f"{format_count(result.case.vocab)} rows"


def vocab_of(result: Result) -> int:
    return result.case.vocab


def is_whole(result: Result) -> bool:
    """Whether the update passes over the whole table, as its contender declares."""
    return any(line.declared is not None and line.declared.passes > 0 for line in result.good)


def differ(change: Summary) -> bool:
    """Whether the interval of a ratio excludes 1."""
    return separates(change, 1.0) is True
