"""Sentences under a table of several contenders: their medians in order within a class, and their growth.

Two classes train differently, so no order crosses classes.
"""

from collections.abc import Mapping, Sequence

from embbench.analysis.collapse.axes import Value, axis_text, axis_value, varying
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.case import AXES, NO_UPDATE
from embbench.cases.metrics import METRICS
from embbench.cases.runtimes import SYSTEM
from embbench.cases.semantics import in_order
from embbench.cases.units import format_count, format_quantity
from embbench.report.figures import figures
from embbench.report.table import Statement
from embbench.stats.effects import separates

PATH_AXES = ("contender", "table", "update", "runtime", "vocab")
MOST_GROUPS = 3
TIME = "step_time"

Classes = dict[str, list[Result]]


def rank(results: Sequence[Result], measures: Measures) -> list[str]:
    """A sentence per group of cases that differ in contender, path, runtime and vocabulary only: the audited medians at
    the largest vocabulary, and their growth from the smallest vocabulary. [] for more than MOST_GROUPS groups.
    """
    return [_sentences(group, where, measures) for where, group in _groups(results, measures)]


def first_of_classes(
    results: Sequence[Result], reference: Mapping[str, Value], measures: Measures, most: int
) -> list[Statement]:
    """As `rank`, with the same number of paths of each class, so that about `most` rows have them and the reference.
    reference: axis -> its value in the denominator of ratios.
    """
    return [_first(group, where, reference, measures, most) for where, group in _groups(results, measures)]


def _groups(results: Sequence[Result], measures: Measures) -> list[tuple[str, list[Result]]]:
    """(' and optimizer adam', results) of each group; '' for a single group."""
    others = [axis for axis in AXES if axis not in PATH_AXES]
    groups: dict[tuple, list[Result]] = {}
    for result in results:
        if result.audited and not isinstance(measures.summary(result, TIME), Absent):
            groups.setdefault(tuple(getattr(result.case, axis) for axis in others), []).append(result)
    if len(groups) > MOST_GROUPS:
        return []
    telling = [axis for axis in varying(results) if axis in others]
    return [
        ("".join(f" and {axis} {axis_text(axis, getattr(group[0].case, axis))}" for axis in telling), group)
        for group in groups.values()
    ]


def _sentences(group: Sequence[Result], where: str, measures: Measures) -> str:
    smallest, largest = _ends(group)
    order = "; ".join(
        f"{name}: {', '.join(_entry(result, measures) for result in members)}"
        for name, members in _by_class(group, largest, measures).items()
    )
    text = f"Median step times at {format_count(largest)} rows{where}, fastest first, by class: {order}."
    if grown := _growth(group, smallest, largest, measures):
        text += f" From {format_count(smallest)} to {format_count(largest)} rows, {grown}."
    return text


def _first(
    group: Sequence[Result], where: str, reference: Mapping[str, Value], measures: Measures, most: int
) -> Statement:
    smallest, largest = _ends(group)
    classes = _by_class(group, largest, measures)
    against = [each for each in group if reference and all(axis_value(each, a) == v for a, v in reference.items())]
    each_has = next((n for n in range(most, 1, -1) if sum(len(m[:n]) for m in classes.values()) < most), 1)
    order = "; ".join(
        f"{name}: {', '.join(_entry(result, measures) for result in members[:each_has])}"
        + (f", {len(members) - each_has} more" if len(members) > each_has else "")
        for name, members in classes.items()
    )
    text = f"Median step times at {format_count(largest)} rows{where}, fastest first, by class: {order}."
    named = [*against, *(result for members in classes.values() for result in members[:each_has])]
    paths = {_path(result) for result in named}
    if grown := _growth([each for each in group if _path(each) in paths], smallest, largest, measures):
        text += f" Of these, from {format_count(smallest)} to {format_count(largest)} rows, {grown}."
    return Statement(text, tuple(dict.fromkeys(result.case_id for result in named)))


def _ends(group: Sequence[Result]) -> tuple[int, int]:
    """The smallest and the largest vocabulary."""
    vocabs = [result.case.vocab for result in group]
    return min(vocabs), max(vocabs)


def _growth(group: Sequence[Result], smallest: int, largest: int, measures: Measures) -> str:
    """'a step takes 6.2 to 11 times as long (dense); no difference is shown (frozen)': the extremes of each class,
    without ratios whose interval includes 1.
    """
    few = {_path(result): result for result in group if result.case.vocab == smallest}
    growths, same = [], []
    for name, members in _by_class(group, largest, measures).items():
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


def _by_class(group: Sequence[Result], vocab: int, measures: Measures) -> Classes:
    """The results at a vocabulary by class, the fastest first."""
    results = sorted((result for result in group if result.case.vocab == vocab), key=_center(measures))
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
