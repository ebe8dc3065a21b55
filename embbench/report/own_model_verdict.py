"""Whether the tables of a user's own model are the problem, in sentences."""

from collections.abc import Sequence

from embbench.analysis.cost.floor import Floor
from embbench.analysis.cost.own_model import OwnCost, OwnGrowth
from embbench.cases.found_model import FoundModel, groups_of
from embbench.cases.found_table import FoundTable
from embbench.cases.units import format_count, format_quantity
from embbench.report.document import Tone
from embbench.report.figures import brief, factor_text, share_text
from embbench.report.own_model import change_named, name_of, summary_of
from embbench.stats.summary import Summary, summarize

SIZED = "Give the function a parameter `vocab` for the rows."
MORE = "repeat the command with more time, such as --within 5m"
LEAST = 0.01  # share of a step: a smaller bound says more than a median of times can know
PROBLEM = 0.2  # share of a step that grows with the rows, from which on the table is the problem
MOVES = {
    "none": "no row moves",
    "batch": "a step moves only the rows of its batch",
    "earlier": "a step also moves the rows of earlier batches",
    "all": "a step moves every row",
    "state": "a step changes the optimizer's state of every row",
}
UNKNOWN = "Cannot tell"
UPDATE, WHOLE = "update_table", "step"  # parts of a step
DEAD = "no step gives it a gradient"


def verdict_texts(found: FoundModel, cost: OwnCost | None) -> tuple[str, ...]:
    """What the user asked, in one or two sentences."""
    if not found.tables:
        return ("No step looks up rows of a weight, so there is no embedding table to explain.",)
    if cost is None:
        return ("The step was not measured, so what grows with the table is unknown.",)
    who = "The vocabulary" if found.grown else "The table"
    step = f"a step of {brief(cost.seconds.center)} at {format_count(cost.rows)} rows"
    told = _growth_texts(cost.growth, step, who)
    if told[0].startswith(UNKNOWN):
        told = (*told, *_update_texts(found))
    return (*told, f"{_listed(found.grown)} grew with the rows too.") if found.grown else told


def tone_of(cost: OwnCost | None) -> Tone:
    """Whether the verdict is that the table is the problem; 'weak' where this is not known."""
    if cost is None:
        return "weak"
    growth, share = cost.growth, cost.growth.share
    if share is None or share.high is None:
        return "weak"
    if growth.grows:
        return "good" if share.center < PROBLEM else "bad"
    return "good" if share.high < PROBLEM else "weak"


def _growth_texts(growth: OwnGrowth, step: str, who: str) -> tuple[str, ...]:
    ratio, share, sizes = growth.ratio, growth.share, growth.values
    if len(sizes) == 1:
        return (f"{UNKNOWN} whether {step} grows with the table: it has no other size. {SIZED}",)
    if share is None or share.high is None:
        return (f"{UNKNOWN} yet whether {step} grows with the table: {MORE}.",)
    if growth.grows:
        half, turn = growth.half, ""
        if half is not None and half > growth.rows:
            turn = f" Half of a step would grow with the table from {_rounded(half)} rows on."
        return (f"{_problem(share.center, who)}: {_percents(share)} of {step} grows with its rows.{turn}",)
    if share.high < PROBLEM:
        most = _percent(max(LEAST, share.high))
        return (f"{_problem(share.high, who)}: at most {most} of {step} grows with its rows.",)
    other = min(sizes) if growth.rows > min(sizes) else max(sizes)
    how = f"as at {format_count(other)} rows" if other < growth.rows else f"with {format_count(other)} rows"
    longer = "" if ratio is None else f"it takes {factor_text(ratio)} times as long {how}; "
    return (f"{UNKNOWN} yet whether {step} grows with the table: {longer}{MORE}.",)


def _update_texts(found: FoundModel) -> tuple[str, ...]:
    """What a single process says of the part that grows; () where it did not time the parts of its steps."""
    if UPDATE not in found.parts:
        return ()
    share = summarize(found.parts[UPDATE]).center / summarize(found.parts[WHOLE]).center
    return (f"In the process that looked at it, the update of the tables took {_percent(share)} of a step.",)


def _problem(share: float, who: str) -> str:
    return f"{who} is {'not ' if share < PROBLEM else ''}the problem"


def _listed(names: Sequence[str]) -> str:
    """'a, b and c'; the first three of more."""
    most = [*names[:3], f"{len(names) - 3} more"] if len(names) > 4 else list(names)
    return f"{', '.join(most[:-1])} and {most[-1]}" if len(most) > 1 else most[0]


def table_text(table: FoundTable) -> str:
    """What a step does with a table, and why."""
    what = DEAD if table.semantic == "dead" else MOVES[table.moves]
    why = f": {'; '.join(table.because)}" if table.because and table.moves != "batch" else ""
    size = f"{format_count(table.rows)} × {table.columns}, {format_quantity(table.size, 'B')}"
    touched = f"; it looks up {table.unique:.4g} of them" if table.lookups else ""
    data = f"; {format_count(table.in_data)} of them are in your data" if table.in_data else ""
    return f"{table.name} ({size}) is {table.semantic}: {what}{touched}{data}{why}."


def advice_texts(found: FoundModel, cost: OwnCost | None) -> tuple[str, ...]:
    """What to change: the change that gains most and leaves the training the same."""
    if cost is None:
        return ()
    training = {each.name: each.training for each in found.changes}
    same = [each for each in cost.changes if training.get(each.update, "same") == "same"]
    gains = [each for each in same if each.ratio is not None and each.ratio.high is not None and each.ratio.high < 1]
    if gains:
        best = min(gains, key=lambda each: each.ratio.center if each.ratio is not None else 1.0)
        assert best.ratio is not None
        what = summary_of(name_of(best), change_named(name_of(best), found))
        return (f"With {what}, it takes {factor_text(best.ratio)} times as long, and the training stays the same.",)
    # A sparse gradient is not enough: some frameworks' Adam moves every row all the same.
    if all(each.sparse_gradient is not False and each.semantic != "dense" for each in found.tables):
        return ("The tables' gradients are sparse already, or there are none: change nothing.",)
    return ()


def group_texts(found: FoundModel, cost: OwnCost | None) -> tuple[str, ...]:
    """What further tables do to the step as they grow, each group by itself."""
    groups, told = groups_of(found.tables), []
    for number, growth in () if cost is None else cost.groups.items():
        sizes, ratio = growth.values, growth.ratio
        if ratio is None:
            continue
        names = " and ".join(each.name for each in groups[number - 1])
        told.append(
            f"With {format_count(max(sizes))} instead of {format_count(min(sizes))} rows of {names}, a step takes "
            f"{factor_text(ratio)} times as long."
        )
    return tuple(told)


def floor_texts(floor: Floor | None, found: FoundModel, cost: OwnCost | None) -> tuple[str, ...]:
    """The least time of a step on this machine; () where it is not known."""
    if floor is None:
        return ()
    parts = f"lookup {brief(floor.lookup)}, update {brief(floor.update)}"
    parts = f"{parts}, products {brief(floor.network)}" if found.operations else parts
    who = "The step needs" if found.operations else "Its tables alone need"
    takes = "" if cost is None else f"; it takes {cost.seconds.center / floor.total:.2g} times that"
    return (f"{who} at least {brief(floor.total)} at the rates of this machine ({parts}){takes}.",)


def _rounded(rows: float) -> str:
    """A number of rows with 2 figures."""
    return format_count(int(float(f"{rows:.2g}")))


def _percents(share: Summary) -> str:
    if share.low is None or share.high is None:
        return _percent(share.center)
    return f"{_percent(share.center)} ({_percent(share.low)} to {_percent(share.high)})"


def _percent(share: float) -> str:
    return share_text(float(f"{share:.2g}"))
