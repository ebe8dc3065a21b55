"""Cases whose table was stepped by itself, as sentences name them and their numbers."""

from collections import Counter
from collections.abc import Sequence

from embbench.report.figures import figures
from embbench.results.axes import axis_text
from embbench.results.collapse import Result
from embbench.results.measures import Absent, Measures
from embbench.spec.case import AXES, NO_UPDATE
from embbench.spec.metrics import METRICS
from embbench.spec.units import format_count, format_quantity
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
    """results: those of a report that are audited and have a row_cost, the usual ones first. usual: the value of most
    of them on each axis, the earlier at a tie.
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

    def found(self, result: Result, metric: str) -> Summary:
        """Of a metric that it has."""
        summary = self._measures.summary(result, metric)
        assert isinstance(summary, Summary)
        return summary

    def ratio(self, one: Result, other: Result, metric: str) -> Summary | None:
        """one / other; None also where the rounds do not tell how far it can be trusted."""
        change = self._measures.ratio(one, other, metric)
        return None if change is None or change.low is None else change

    def touched(self, result: Result) -> float:
        """Rows that a batch touches; 0 where it was not counted."""
        stream = self._measures.stream(result)
        return 0.0 if stream is None else stream[0]

    def unusual(self, result: Result) -> list[str]:
        """The axes but vocab on which it is not as most are."""
        return [axis for axis in FIXED if getattr(result.case, axis) != self.usual[axis]]

    def shown(self, result: Result, metric: str) -> str:
        """The number as the table has it, without 'a row'."""
        summary = self.found(result, metric)
        return format_quantity(summary.center, METRICS[metric].unit, figures(summary)).removesuffix("/row")

    def name(self, result: Result) -> str:
        """'pytorch compact adam', and what is unusual besides."""
        case = result.case
        path = case.table if case.update == NO_UPDATE else case.update
        path = path if case.table in ("trainable", path) else f"{case.table} {path}"
        others = [axis for axis in self.unusual(result) if axis not in PATH]
        return " ".join([case.contender, path, case.optimizer, *(said(axis, result) for axis in others)])


def said(axis: str, result: Result) -> str:
    """'threads 1', and of what speaks for itself the value alone."""
    value = getattr(result.case, axis)
    return value if axis in ("tokens", *PATH) else f"{axis} {axis_text(axis, value)}"


def rows_of(result: Result) -> str:
    return f"{format_count(result.case.vocab)} rows"


def vocab_of(result: Result) -> int:
    return result.case.vocab


def is_whole(result: Result) -> bool:
    """Whether its update goes through the whole table, by what its contender declares."""
    return any(line.declared is not None and line.declared.passes > 0 for line in result.good)


def differ(change: Summary) -> bool:
    """Whether a ratio is shown to be another one than 1."""
    return separates(change, 1.0) is True
