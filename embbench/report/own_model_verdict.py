"""Whether the tables of a user's own model are the problem, in sentences."""

from embbench.analysis.cost.own_model import OwnCost
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.cases.units import format_count, format_quantity
from embbench.report.figures import brief, share_text
from embbench.stats.summary import Summary

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
    if share is None or growth.grows is None:
        return (f"Cannot tell yet whether {step} grows with the table: repeat the command with a longer --within.",)
    if not growth.grows:
        most = "" if share.high is None else f" at most {_percent(share.high)} of"
        return (f"The table is not the problem: {step} is not shown to grow with its rows;{most} it could.",)
    half, turn = growth.break_even(), ""
    if half is not None and half > cost.rows:
        turn = f" Half of a step would grow with the table from {_rounded(half)} rows on."
    if share.center < PROBLEM:
        return (f"The table is not the problem: {_percents(share)} of {step} grows with its rows.{turn}",)
    return (f"The table is the problem: {_percents(share)} of {step} grows with its rows.{turn}",)


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
