"""Ratios of steps that took turns in one process."""

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.per_row import TURN_RATIO, values_of
from embbench.stats.summary import median
from embbench.store.exchange import REFERENCE


def turn_ratios(result: Result, reference: Result) -> list[float]:
    """Seconds of a step of `result` over those of the reference, for each round of `result` whose steps took turns with
    the reference; the median of each round.
    """
    lines = [line for line in result.good if line.conditions.get(REFERENCE) == reference.case_id]
    found = [values_of(line, TURN_RATIO) for line in lines]
    return [median(each) for each in found if each]
