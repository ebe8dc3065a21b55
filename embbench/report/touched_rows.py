"""Sentences about the cost of a touched row, for tables that were stepped alone.

The report's table shows every number of the sentences. Two numbers differ where the interval of their ratio excludes 1.
"""

from collections.abc import Iterable, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.cases.semantics import in_order
from embbench.report.row_changes import changes, differ_in, whole_or_rows
from embbench.report.row_costs import (
    COST,
    DISPLACED,
    DISPLACED_START,
    FIXED,
    INDEX,
    PARTS,
    PATH,
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
from embbench.report.table import Statement
from embbench.stats.effects import separates

TWICE = 2.0  # the claim: less cache-friendly access "can easily double the execution time"
ALIKE = 0.8  # of the most rows that a batch of a path touches: batches above this share are comparable
LARGE = 1e6  # rows of a large table
DOUBLES = {  # whether a step doubles; None: not shown
    True: "Less cache-friendly access at least doubles",
    False: "Less cache-friendly access does not double",
    None: "The intervals do not show whether less cache-friendly access doubles",
}
BESIDES = {INDEX: "finding distinct ids", SUM: "summing the gradients of an id", START: "a pass of one token"}

SINGLE = "A single round per case cannot show a difference: use --rounds 3."

Curve = list[Result]  # the results of a path, by vocab


def about_touched_rows(results: Sequence[Result], measures: Measures) -> list[str]:
    """[] where no case has a row_cost."""
    costs = RowCosts(results, measures)
    if not costs.results:
        return []
    curves = _curves(costs)
    sentences = [_near_and_far(curves, costs), *_doubles(curves, costs), *_ceiling(curves, costs), *_contention(costs)]
    sentences += [*whole_or_rows(costs), *changes(costs)]
    if _is_single(costs):
        sentences.append(SINGLE)
    return [text for text in sentences if text]


def first_touched_rows(results: Sequence[Result], measures: Measures, most: int) -> list[Statement]:
    """The paths with the smallest cost of a row, as many of each class, in about `most` rows, and whether steps double.
    Only paths whose other axes have the usual values are put in order. [] where no case has a row_cost.
    """
    costs = RowCosts(results, measures)
    if not costs.results:
        return []
    curves = _curves(costs)
    usual = [curve for curve in curves if {*costs.unusual(curve[-1])} <= {*PATH, "runtime"}]
    largest = max((vocab_of(curve[-1]) for curve in usual), default=0)
    usual = [curve for curve in usual if vocab_of(curve[-1]) == largest]
    usual.sort(key=lambda curve: costs.summary(curve[-1], COST).center)
    classes = {
        name: [each for each in usual if each[-1].semantic == name]
        for name in in_order(curve[-1].semantic for curve in usual)
    }
    each_has = next((n for n in range(most, 1, -1) if 2 * sum(len(c[:n]) for c in classes.values()) <= most), 1)
    order = "; ".join(
        f"{name}: {', '.join(_both(curve, costs) for curve in members[:each_has])}"
        + (f", {len(members) - each_has} more" if len(members) > each_has else "")
        for name, members in classes.items()
    )
    ends = [each for members in classes.values() for first, *_, last in members[:each_has] for each in (first, last)]
    texts = [f"Cost of a touched row at {rows_of(ends[1])}, smallest first, by class: {order}."] if ends else []
    texts += [*_how_many_double(curves, costs), *([SINGLE] if _is_single(costs) else [])]
    return [Statement(text, tuple(each.case_id for each in ends)) for text in texts]


def _both(curve: Curve, costs: RowCosts) -> str:
    """'pytorch compact adam 1.41 µs (845 ns at 20k rows)'"""
    first, *_, last = curve
    return f"{costs.name(last)} {costs.shown(last, COST)} ({costs.shown(first, COST)} at {rows_of(first)})"


def _is_single(costs: RowCosts) -> bool:
    return all(costs.summary(result, COST).low is None for result in costs.results)


def _curves(costs: RowCosts) -> list[Curve]:
    """The curves of updates that do not pass over the whole table."""
    return [curve for curve in _alike(costs) if len(curve) > 1 and not is_whole(curve[0])]


def _alike(costs: RowCosts) -> Iterable[Curve]:
    """Cases that differ in vocab only and touch about as many rows. A small table repeats its rows more often, which
    saves time for another reason than caches.
    """
    paths: dict[tuple, Curve] = {}
    for each in costs.results:
        paths.setdefault(tuple(getattr(each.case, axis) for axis in FIXED), []).append(each)
    for path in paths.values():
        least = ALIKE * max(map(costs.touched, path))
        yield sorted((each for each in path if costs.touched(each) >= least), key=vocab_of)


def _near_and_far(curves: Sequence[Curve], costs: RowCosts) -> str:
    """The cost of a row in a small and in a large table, with usual and with displaced caches."""
    costs_of_paths = []
    for first, *_, last in curves:
        near, far = (costs.shown(each, COST) for each in (first, last))
        text = f"{costs.name(first)} {near} at {rows_of(first)} and {far} at {rows_of(last)}"
        if costs.has(first, DISPLACED) and costs.has(last, DISPLACED):
            near, far = (costs.shown(each, DISPLACED) for each in (first, last))
            text += f" ({near} and {far} after other bytes filled the caches"
            if costs.has(last, DISPLACED_START):
                text += f"; a pass of one token then takes {costs.shown(last, DISPLACED_START)}"
            text += ")"
        costs_of_paths.append(text)
    return f"Cost of a touched row: {'; '.join(costs_of_paths)}." if costs_of_paths else ""


def _doubles(curves: Sequence[Curve], costs: RowCosts) -> Iterable[str]:
    """Whether a table that fits the caches less doubles the step, and the size from which a step lengthens."""
    by_answer = _by_doubling(curves, costs)
    steps = {answer: "; ".join(_step(curve, costs) for curve in known) for answer, known in by_answer.items()}
    return [f"{text} these steps: {steps[answer]}." for answer, text in DOUBLES.items() if answer in steps]


def _how_many_double(curves: Sequence[Curve], costs: RowCosts) -> Iterable[str]:
    """'Less cache-friendly access at least doubles the step of 1 of 6 paths; the intervals of 2 do not show it.'"""
    by_answer = _by_doubling(curves, costs)
    number = sum(map(len, by_answer.values()))
    twice, unknown = (len(by_answer.get(answer, [])) for answer in (True, None))
    rest = f"; the intervals of {unknown} do not show it" if unknown else ""
    if number == 1:
        yield f"{DOUBLES[next(iter(by_answer))]} the step."
    elif number:
        yield f"Less cache-friendly access at least doubles the step of {twice or 'none'} of {number} paths{rest}."


def _by_doubling(curves: Sequence[Curve], costs: RowCosts) -> dict[bool | None, list[Curve]]:
    """Whether the step doubles from the first to the last size -> curves of sizes with a step; None: not shown."""
    by_answer: dict[bool | None, list[Curve]] = {}
    for curve in ([each for each in known if costs.has(each, STEP)] for known in curves):
        if len(curve) > 1:
            change = costs.ratio(curve[-1], curve[0], STEP)
            sure = None if change is None or not separates(change, TWICE) else change.center > TWICE
            by_answer.setdefault(sure, []).append(curve)
    return by_answer


def _step(curve: Curve, costs: RowCosts) -> str:
    """'pytorch compact adam 4.8 ms at 20k rows and 6.13 ms at 2M rows (longer from 2M rows on)'"""
    first, last = curve[0], curve[-1]
    near, far = (costs.shown(each, STEP) for each in (first, last))
    text = f"{costs.name(first)} {near} at {rows_of(first)} and {far} at {rows_of(last)}"
    grown = ((each, costs.ratio(each, first, STEP)) for each in curve[1:])
    longer = next((each for each, by in grown if by is not None and by.center > 1 and differ(by)), None)
    return text if longer is None else f"{text} (longer from {rows_of(longer)} on)"


def _ceiling(curves: Sequence[Curve], costs: RowCosts) -> Iterable[str]:
    """The share of the time that the machine needs for these reads and writes at random places, and the other work."""
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
        yield f"Other work, measured alone: {'; '.join(others)}."


def _contention(costs: RowCosts) -> Iterable[str]:
    """Whether tokens that share one row are summed more slowly than tokens of different rows."""
    summed = [each for each in costs.results if costs.has(each, SUM)]
    for one in (each for each in summed if costs.touched(each) == 1):
        for other in summed:
            change = costs.ratio(one, other, SUM)
            if change is None or other.case.tokens != costs.usual["tokens"] or differ_in(one, other) != ["tokens"]:
                continue
            difference = "not shown to differ" if not differ(change) else "longer" if change.center > 1 else "shorter"
            times = f"{costs.shown(one, SUM)} for a single row, {costs.shown(other, SUM)}"
            rows = f"{round(costs.touched(other))} rows"
            yield f"{costs.name(one)}: summing the gradients of all tokens takes {times} for {rows} ({difference})."
