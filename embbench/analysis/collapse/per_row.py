"""Metrics that are computed from a Round, not measured: the cost of a touched row, and the ratio of steps in turn."""

import msgspec

from embbench.cases.metrics import METRICS
from embbench.cases.moved import moved_by_table
from embbench.cases.semantics import moves_others
from embbench.cases.table_metrics import TABLE_METRICS
from embbench.stats.effects import cycle_ratios
from embbench.stats.summary import median
from embbench.store.round import Round, Values

TIMES = {
    "row_cost": "table_time",
    "displaced_row_cost": "displaced_time",
    "byte_cost": "table_time",
    "ceiling_share": "table_time",
}
TURN_RATIO = "turn_ratio"
FEWEST = 512  # least rows for a rate of memory; fewer rows show the start of a kernel
OF_TABLE = frozenset(each.name for each in TABLE_METRICS)
PARTS = (
    *("table_gradient", "table_update", "displaced_gradient", "displaced_update"),
    *("table_start", "displaced_start", "table_index", "table_sum"),
)


def values_of(line: Round, metric: str) -> tuple[float, ...]:
    """A Round's values of a metric, measured or computed; () where the Round has none."""
    if metric in line.metrics:
        return line.metrics[metric].values
    if metric == TURN_RATIO and "turn_time" in line.metrics:  # a round has both sides or none
        return tuple(cycle_ratios(line.metrics["reference_time"].values, line.metrics["turn_time"].values))
    times, rows = (line.metrics.get(name) for name in (TIMES.get(metric, ""), "unique_rows"))
    if times is None or rows is None or min(rows.values) <= 0 or min(times.values) <= 0:
        return ()
    unique = median(rows.values)
    if metric == "ceiling_share":
        floor = _floor(line, unique)
        return () if floor is None else tuple(floor / each for each in times.values)
    amount = unique if metric != "byte_cost" else _moved_bytes(line, unique)
    return tuple(each / amount for each in times.values) if amount else ()


def carrying(line: Round, metric: str) -> Round | None:
    """The round with the metric among its metrics, computed if needed; None where the round has no values."""
    if metric in line.metrics:
        return line
    known, values = METRICS[metric], values_of(line, metric)
    if not values:
        return None
    made = Values(known.unit, known.kind, known.better, values)
    return msgspec.structs.replace(line, metrics={**line.metrics, metric: made})


def is_of_table(metric: str) -> bool:
    """Whether the metric comes from stepping the table alone."""
    return metric in OF_TABLE


def makes_no_sense(line: Round, metric: str) -> bool:
    """Whether a Round cannot have the metric: a ceiling for few rows or for an update of every row, or a part of
    table_time that cannot be timed alone, such as an update in backward.
    """
    if metric == "ceiling_share":
        rows = line.metrics.get("unique_rows")
        few = rows is not None and median(rows.values) < FEWEST
        return few or (line.audit is not None and moves_others(line.audit.semantic))
    return metric in PARTS and "table_time" in line.metrics


def _moved_bytes(line: Round, unique: float) -> float:
    """Bytes that a step must move; 0 without an audited class."""
    return 0.0 if line.audit is None else moved_by_table(line.case, line.audit.semantic, unique).total


def _floor(line: Round, unique: float) -> float | None:
    """Seconds of reading and writing as many rows at random places, at the machine's rates of the moment; None for an
    update of the whole table.
    """
    rates = [line.metrics.get(name) for name in ("gather_rate", "scatter_rate")]
    if line.audit is None or None in rates:
        return None
    gather, scatter = (median(each.values) for each in rates if each is not None)
    moved = moved_by_table(line.case, line.audit.semantic, unique)
    if moved.whole or gather <= 0 or scatter <= 0 or unique < FEWEST:
        return None
    return (moved.lookup + moved.read) / gather + moved.written / scatter
