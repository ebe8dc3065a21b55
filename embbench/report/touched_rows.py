"""What a touched row costs, in sentences: under a table of the table's part of a step. Every number of theirs stands in
that table; whether two differ is told by the interval of their ratio.
"""

from collections.abc import Iterable, Sequence

from embbench.report.row_changes import changes, differ_in, whole_or_rows
from embbench.report.row_costs import (
    COST,
    DISPLACED,
    DISPLACED_START,
    FIXED,
    INDEX,
    PARTS,
    SHARE,
    START,
    STEP,
    SUM,
    RowCosts,
    differ,
    is_whole,
    rows_of,
    vocab_of,
)
from embbench.results.collapse import Result
from embbench.results.measures import Measures
from embbench.stats.effects import separates

TWICE = 2.0  # the claim: less cache-friendly access "can easily double the execution time"
ALIKE = 0.8  # of the most rows that a batch of a path touches: so many are about as many
LARGE = 1e6  # rows of a large table
BESIDES = {INDEX: "finding distinct ids", SUM: "summing the gradients of an id", START: "a pass of one token"}

Curve = list[Result]  # of one path, by vocab


def about_touched_rows(results: Sequence[Result], measures: Measures) -> list[str]:
    """[] where no case has a row_cost."""
    costs = RowCosts(results, measures)
    if not costs.results:
        return []
    curves = [curve for curve in _curves(costs) if len(curve) > 1 and not is_whole(curve[0])]
    told = [_near_and_far(curves, costs), *_doubles(curves, costs), *_ceiling(curves, costs), *_contention(costs)]
    told += [*whole_or_rows(costs), *changes(costs)]
    if all(costs.found(each, COST).low is None for each in costs.results):
        told.append("From one round of each case no difference is shown: --rounds 3 tells more.")
    return [text for text in told if text]


def _curves(costs: RowCosts) -> Iterable[Curve]:
    """Cases that differ in nothing but vocab and touch about as many rows: of a smaller table a row is looked up more
    often, which is another thing than to be at home in a cache.
    """
    paths: dict[tuple, Curve] = {}
    for each in costs.results:
        paths.setdefault(tuple(getattr(each.case, axis) for axis in FIXED), []).append(each)
    for path in paths.values():
        least = ALIKE * max(map(costs.touched, path))
        yield sorted((each for each in path if costs.touched(each) >= least), key=vocab_of)


def _near_and_far(curves: Sequence[Curve], costs: RowCosts) -> str:
    """What a row costs in a small and in a large table, and behind other bytes."""
    told = []
    for first, *_, last in curves:
        near, far = (costs.shown(each, COST) for each in (first, last))
        text = f"{costs.name(first)} {near} at {rows_of(first)} and {far} at {rows_of(last)}"
        if costs.has(first, DISPLACED) and costs.has(last, DISPLACED):
            near, far = (costs.shown(each, DISPLACED) for each in (first, last))
            text += f" ({near} and {far} behind caches full of other bytes"
            if costs.has(last, DISPLACED_START):
                text += f", where a pass of one token takes {costs.shown(last, DISPLACED_START)}"
            text += ")"
        told.append(text)
    return f"What a touched row costs: {'; '.join(told)}." if told else ""


def _doubles(curves: Sequence[Curve], costs: RowCosts) -> Iterable[str]:
    """Whether a table that is less at home in the caches doubles the step, and where the step notices at all."""
    told: dict[bool | None, list[str]] = {}
    for curve in ([each for each in known if costs.has(each, STEP)] for known in curves):
        if len(curve) < 2:
            continue
        first, last = curve[0], curve[-1]
        change = costs.ratio(last, first, STEP)
        near, far = (costs.shown(each, STEP) for each in (first, last))
        text = f"{costs.name(first)} {near} at {rows_of(first)} and {far} at {rows_of(last)}"
        grown = ((each, costs.ratio(each, first, STEP)) for each in curve[1:])
        notices = next((each for each, by in grown if by is not None and by.center > 1 and differ(by)), None)
        if notices is not None:
            text += f" (longer from {rows_of(notices)} on)"
        sure = None if change is None or not separates(change, TWICE) else change.center > TWICE
        told.setdefault(sure, []).append(text)
    parts = [
        (True, "Less cache-friendly access at least doubles these steps"),
        (False, "Less cache-friendly access does not double these steps"),
        (None, "Whether less cache-friendly access doubles these steps is not shown"),
    ]
    return [f"{text}: {'; '.join(told[key])}." for key, text in parts if key in told]


def _ceiling(curves: Sequence[Curve], costs: RowCosts) -> Iterable[str]:
    """How near the table's part is to what the machine reads and writes at random places, and what else it does."""
    shares, others = [], []
    for *_, last in curves:
        if last.case.vocab < LARGE or not costs.has(last, SHARE):
            continue
        parts = [name for name in PARTS if costs.has(last, name)]
        times = ", ".join(f"{name.removeprefix('table_')} {costs.shown(last, name)}" for name in parts)
        shares.append(f"{costs.name(last)} {costs.shown(last, SHARE)} ({times})")
        besides = [f"{text} {costs.shown(last, name)}" for name, text in BESIDES.items() if costs.has(last, name)]
        if besides:
            others.append(f"{costs.name(last)} {', '.join(besides)}")
    if shares:
        yield f"In the largest tables, reading and writing the rows takes this share of the time: {'; '.join(shares)}."
    if others:
        yield f"Of what remains, each by itself: {'; '.join(others)}."


def _contention(costs: RowCosts) -> Iterable[str]:
    """Whether tokens that share one row are summed more slowly than tokens of different rows."""
    summed = [each for each in costs.results if costs.has(each, SUM)]
    for one in (each for each in summed if costs.touched(each) == 1):
        for other in summed:
            change = costs.ratio(one, other, SUM)
            if change is None or other.case.tokens != costs.usual["tokens"] or differ_in(one, other) != ["tokens"]:
                continue
            told = "not shown to differ" if not differ(change) else "longer" if change.center > 1 else "shorter"
            times = f"{costs.shown(one, SUM)}, those of {round(costs.touched(other))} rows {costs.shown(other, SUM)}"
            yield f"{costs.name(one)}: to sum the gradients of tokens that are all one row takes {times} ({told})."
