"""Whether the tables of a user's own model are the problem, in sentences."""

from embbench.analysis.cost.growth import Growth
from embbench.analysis.cost.own_model import OwnCost
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.cases.units import format_count, format_quantity
from embbench.report.figures import brief, factor_text, share_text
from embbench.stats.summary import Summary

SIZED = "Give the function a parameter `vocab` for the rows."
MORE = "repeat the command with more time, such as --within 5m"
PROBLEM = 0.2  # share of a step that grows with the rows, from which on the table is the problem
MOVES = {
    "none": "no row moves",
    "batch": "a step moves only the rows of its batch",
    "earlier": "a step also moves the rows of earlier batches",
    "all": "a step moves every row",
    "state": "a step changes the optimizer's state of every row",
}
DEAD = "no step gives it a gradient"


def verdict_texts(found: FoundModel, cost: OwnCost | None) -> tuple[str, ...]:
    """What the user asked, in one or two sentences."""
    if not found.tables:
        return ("No step looks up rows of a weight, so there is no embedding table to explain.",)
    if cost is None:
        return ("The step was not measured, so what grows with the table is unknown.",)
    step = f"a step of {brief(cost.seconds.center)} at {format_count(cost.rows)} rows"
    share, growth = cost.growth.share(cost.rows), cost.growth
    if share is not None and growth.grows:
        half, turn = growth.break_even(), ""
        if half is not None and half > cost.rows:
            turn = f" Half of a step would grow with the table from {_rounded(half)} rows on."
        return (f"{_problem(share.center)}: {_percents(share)} of {step} grows with its rows.{turn}",)
    return _by_ratio(growth, step)


def _by_ratio(growth: Growth, step: str) -> tuple[str, ...]:
    """The verdict by the largest against the smallest size, where no line through all sizes shows growth."""
    ratio, sizes = growth.ratio, growth.sweep.values
    if len(sizes) == 1:
        return (f"Cannot tell whether {step} grows with the table: it has no other size. {SIZED}",)
    if ratio is None or ratio.low is None or ratio.high is None:
        return (f"Cannot tell yet whether {step} grows with the table: {MORE}.",)
    smaller = f"{format_count(min(sizes))} rows"
    if ratio.low > 1:
        return (f"{_problem(1 - 1 / ratio.center)}: {step} takes {factor_text(ratio)} times as long as at {smaller}.",)
    # What grows between the sizes is this share of what grows from no rows on.
    most = max(0.0, 1 - 1 / ratio.high) / (1 - min(sizes) / max(sizes))
    if most < PROBLEM:
        return (f"{_problem(most)}: at most {_percent(most)} of {step} grows with its rows.",)
    return (
        f"Cannot tell yet whether {step} grows with the table: it takes {factor_text(ratio)} times as long as at "
        f"{smaller}; {MORE}.",
    )


def _problem(share: float) -> str:
    return f"The table is {'not ' if share < PROBLEM else ''}the problem"


def table_text(table: FoundTable) -> str:
    """What a step does with a table, and why."""
    what = DEAD if table.semantic == "dead" else MOVES[table.moves]
    why = f": {'; '.join(table.because)}" if table.because and table.moves != "batch" else ""
    size = f"{format_count(table.rows)} × {table.columns}, {format_quantity(table.size, 'B')}"
    touched = f"; it looks up {table.unique:.4g} of them" if table.lookups else ""
    return f"{table.name} ({size}) is {table.semantic}: {what}{touched}{why}."


def _rounded(rows: float) -> str:
    """A number of rows with 2 figures."""
    return format_count(int(float(f"{rows:.2g}")))


def _percents(share: Summary) -> str:
    if share.low is None or share.high is None:
        return _percent(share.center)
    return f"{_percent(share.center)} ({_percent(share.low)} to {_percent(share.high)})"


def _percent(share: float) -> str:
    return share_text(float(f"{share:.2g}"))
