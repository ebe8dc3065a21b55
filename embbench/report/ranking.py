"""Sentences under a table of several contenders: their medians in order within a class, and their growth.

Two classes train differently, so no order crosses classes.
"""

from collections.abc import Sequence

from embbench.analysis.collapse.axes import axis_text, varying
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.case import AXES, NO_UPDATE
from embbench.cases.metrics import METRICS
from embbench.cases.runtimes import SYSTEM
from embbench.cases.semantics import in_order
from embbench.cases.units import format_count, format_quantity
from embbench.report.figures import figures
from embbench.stats.effects import separates

PATH_AXES = ("contender", "table", "update", "runtime", "vocab")
MOST_GROUPS = 3
TIME = "step_time"

Classes = dict[str, list[Result]]


def rank(results: Sequence[Result], measures: Measures) -> list[str]:
    """A sentence per group of cases that differ in contender, path, runtime and vocabulary only: the audited medians at
    the largest vocabulary, and their growth from the smallest vocabulary. [] for more than MOST_GROUPS groups.
    """
    others = [axis for axis in AXES if axis not in PATH_AXES]
    groups: dict[tuple, list[Result]] = {}
    for result in results:
        if result.audited and not isinstance(measures.summary(result, TIME), Absent):
            groups.setdefault(tuple(getattr(result.case, axis) for axis in others), []).append(result)
    if len(groups) > MOST_GROUPS:
        return []
    telling = [axis for axis in varying(results) if axis in others]
    return [_sentences(group, telling, measures) for group in groups.values()]


def _sentences(group: Sequence[Result], telling: Sequence[str], measures: Measures) -> str:
    smallest, largest = (pick(result.case.vocab for result in group) for pick in (min, max))
    values = [f"{axis} {axis_text(axis, getattr(group[0].case, axis))}" for axis in telling]
    where = f"at {' and '.join([f'{format_count(largest)} rows', *values])}"
    order = "; ".join(
        f"{name}: {', '.join(_entry(result, measures) for result in sorted(members, key=_center(measures)))}"
        for name, members in _by_class([result for result in group if result.case.vocab == largest]).items()
    )
    text = f"Median step times {where}, fastest first, by class: {order}."
    if grown := _growth(group, smallest, largest, measures):
        text += f" From {format_count(smallest)} to {format_count(largest)} rows, {grown}."
    return text


def _growth(group: Sequence[Result], smallest: int, largest: int, measures: Measures) -> str:
    """'a step takes 6.2 to 11 times as long (dense); no difference is shown (frozen)': the extremes of each class,
    without ratios whose interval includes 1.
    """
    few = {_path(result): result for result in group if result.case.vocab == smallest}
    growths, same = [], []
    for name, members in _by_class([result for result in group if result.case.vocab == largest]).items():
        pairs = [measures.ratio(result, few[_path(result)], TIME) for result in members if _path(result) in few]
        known = [each for each in pairs if each is not None]
        factors = sorted(each.center for each in known if separates(each, 1.0) is not False)
        if known and not factors:
            same.append(name)
        if factors and smallest < largest:
            low, high = (f"{factor:.1f}" if factor < 9.95 else f"{factor:.0f}" for factor in (factors[0], factors[-1]))
            growths.append(
                f"{low} times as long ({name})" if low == high else f"{low} to {high} times as long ({name})"
            )
    longer = f"a step takes {', '.join(growths)}" if growths else ""
    unlike = f"no difference is shown ({', '.join(same)})" if same and smallest < largest else ""
    return "; ".join(filter(None, (longer, unlike)))


def _by_class(results: Sequence[Result]) -> Classes:
    by_class: Classes = {name: [] for name in in_order(result.semantic for result in results)}
    for result in results:
        by_class[result.semantic].append(result)
    return by_class


def _entry(result: Result, measures: Measures) -> str:
    case, summary = result.case, measures.summary(result, TIME)
    assert not isinstance(summary, Absent)
    table = () if case.table in ("frozen", "trainable") else (case.table,)
    update = () if case.update == NO_UPDATE else (case.update,)
    shown = format_quantity(summary.center, METRICS[TIME].unit, min(3, figures(summary)))
    runtime = () if case.runtime == SYSTEM else (case.runtime,)
    return " ".join([case.contender, *table, *update, *runtime, shown])


def _center(measures: Measures):
    def center(result: Result) -> float:
        summary = measures.summary(result, TIME)
        assert not isinstance(summary, Absent)
        return summary.center

    return center


def _path(result: Result) -> tuple[str, str, str, str]:
    case = result.case
    return case.contender, case.table, case.update, case.runtime
