"""Comparisons -> a Document, as `compare`, `ab` and `gate` show it."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from embbench.analysis.collapse.measures import shares_scatter
from embbench.analysis.compare.comparison import VERDICTS, Comparison, SideValues
from embbench.analysis.compare.differences import Difference
from embbench.analysis.compare.outcome import tally
from embbench.cases.metrics import METRICS
from embbench.cases.units import format_quantity
from embbench.report.cells import shown
from embbench.report.document import (
    Block,
    Chart,
    Document,
    Facts,
    Grid,
    Heading,
    Notes,
    Sentences,
    Sheet,
    Tone,
    only_filled,
)
from embbench.report.figures import factor_text, share_text
from embbench.report.ratio_strips import ratio_strips
from embbench.report.reasons import difference_text, note_text, why
from embbench.report.table import NO_CASE, STATUS_TEXT

SCHEMA = 1  # of the JSON values: keys may be added, never changed
MOST_NAMES = 3  # of cases in one note
OWN_ROUNDS = "from each side's own rounds; `report` and `explain` use the scatter of all cases"
HEADINGS = ("case", "base", "candidate", "ratio", "verdict")
TONES: dict[str, Tone] = {"regression": "bad", "broke": "bad", "improvement": "good", "fixed": "good", "same": "weak"}
CSV = (
    "case_id", "case", "metric", "unit", "threshold", "base", "base_low", "base_high", "candidate", "candidate_low",
    "candidate_high", "ratio", "ratio_low", "ratio_high", "verdict", "reason", "note",
)  # fmt: skip


class Compared(msgspec.Struct, frozen=True):
    """Comparisons with their captions. differences: of machine, versions and protocol. warnings: reasons to doubt all
    comparisons.
    """

    base: str
    candidate: str
    comparisons: tuple[Comparison, ...]
    differences: tuple[Difference, ...] = ()
    warnings: tuple[str, ...] = ()


def comparison_document(compared: Compared, title: str = "What changed?") -> Document:
    """A grid for each metric, the reasons of verdicts, and a summary. title: of the page."""
    return Document(
        blocks=only_filled(
            *(_grid(metric, group) for metric, group in _by_metric(compared.comparisons).items()),
            Notes(tuple(_notes(compared))),
            Facts(tuple(_sides(compared))),
            Sentences((summary_line(compared.comparisons),), strong=True),
        ),
        data=as_data(compared),
        sheet=Sheet(CSV, tuple(map(_fields, compared.comparisons))),
        page=lambda: _page(compared, title),
    )


def _page(compared: Compared, title: str) -> tuple[Block, ...]:
    """The verdicts in a sentence, the ratios as a picture, the grids, and what was compared."""
    return only_filled(
        Heading(title),
        Sentences((summary_line(compared.comparisons),), strong=True, tone=_tone(compared.comparisons)),
        *(Chart(each) for each in ratio_strips(compared.comparisons)),
        *(_grid(metric, group) for metric, group in _by_metric(compared.comparisons).items()),
        Notes(tuple(_notes(compared))),
        Heading("What was compared?"),
        Facts(tuple(_sides(compared))),
    )


def _tone(comparisons: Sequence[Comparison]) -> Tone:
    """The tone of the most important verdict."""
    verdicts = {each.verdict for each in comparisons}
    return next((TONES.get(each, "weak") for each in VERDICTS if each in verdicts), "weak")


def as_data(compared: Compared) -> dict[str, Any]:
    """The JSON values, in base units; a difference is a text, 'python 3.11.7 → 3.12.1'."""
    return {
        "schema": SCHEMA,
        "base": compared.base,
        "candidate": compared.candidate,
        "comparisons": as_values(compared.comparisons),
        "differences": [*map(str, compared.differences)],
        "warnings": compared.warnings,
    }


def as_values(comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """The JSON values of comparisons, with their notes in words."""
    return [
        {
            **msgspec.to_builtins(each),
            "differences": [*map(str, each.differences)],
            "note": note_text(each),
        }
        for each in comparisons
    ]


def summary_line(comparisons: Sequence[Comparison]) -> str:
    """'12 comparisons: 1 regression, 11 same'."""
    parts = ", ".join(f"{count} {verdict}" for verdict, count in tally(comparisons).items())
    return f"{len(comparisons)} comparison{'s' if len(comparisons) != 1 else ''}: {parts or 'nothing to compare'}"


def _grid(metric: str, group: Sequence[Comparison]) -> Grid:
    return Grid(
        headings=HEADINGS,
        rows=tuple(map(_cells, group)),
        left=("case", "verdict"),
        title=metric,
        about=f"threshold {share_text(group[0].threshold)}",
        tones=tuple(TONES.get(each.verdict, "") for each in group),
    )


def _cells(each: Comparison) -> tuple[str, ...]:
    """The cells of a row, in the order of HEADINGS."""
    ratio = "" if each.ratio is None else f"×{factor_text(each.ratio)}"
    return each.name, _side(each.base, each.metric), _side(each.candidate, each.metric), ratio, each.verdict


def _fields(each: Comparison) -> tuple[Any, ...]:
    """The fields of a line, in the order of CSV."""
    summaries = [side.summary if side else None for side in (each.base, each.candidate)]
    numbers = [
        None if summary is None else getattr(summary, part)
        for summary in (*summaries, each.ratio)
        for part in ("center", "low", "high")
    ]
    first = (each.case_id, each.name, each.metric, METRICS[each.metric].unit, each.threshold)
    return *first, *numbers, each.verdict, each.reason, note_text(each)


def _notes(compared: Compared) -> Iterator[str]:
    """The reasons of verdicts that the ratio alone does not show; a note names all cases and metrics with the same
    reason.
    """
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in compared.comparisons:
        if each.reason not in ("shown", "within", "exact"):
            groups.setdefault((each.verdict, why(each, compared.differences)), []).append(each)
    for each in compared.comparisons:
        if each.evidence is not None and each.evidence.fault_cost:
            cost = format_quantity(each.evidence.fault_cost, "s", 2)
            sentence = f"ratio at equal page faults: their number differs by chance, and a page fault costs {cost}"
            groups.setdefault(("", sentence), []).append(each)
        if each.evidence is not None and each.evidence.wait_cost:
            sentence = "ratio at equal waits for a CPU: the waiting time of threads differs by chance"
            groups.setdefault(("", sentence), []).append(each)
    counts = tally(compared.comparisons)
    for (verdict, sentence), group in groups.items():
        text = f"{verdict}, {sentence}" if verdict else sentence
        if len({each.name for each in group}) == 1:
            yield f"{_named(group)}: {text}"
        elif len(group) == len(compared.comparisons):
            yield f"all {len(group)} comparisons: {text}"
        elif len(group) == counts.get(verdict):
            yield f"all {len(group)} {verdict}: {sentence}"
        else:
            yield f"{_named(group)}: {text}"


def _named(group: Sequence[Comparison]) -> str:
    """'A step_time, host_peak', 'A, B, C and 2 more step_time; D host_peak': the cases with the same metrics
    together.
    """
    metrics: dict[str, list[str]] = {}
    for each in group:
        metrics.setdefault(each.name, []).append(each.metric)
    names: dict[tuple[str, ...], list[str]] = {}
    for name, known in metrics.items():
        names.setdefault(tuple(known), []).append(name)
    return "; ".join(f"{_first(cases)} {', '.join(known)}" for known, cases in names.items())


def _first(names: Sequence[str]) -> str:
    left = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {left} more" if left > 0 else "")


def _has_interval(each: Comparison) -> bool:
    """Whether a side has an interval of a time, which `report` makes from the rounds of more cases."""
    return shares_scatter(each.metric) and any(
        side is not None and side.summary is not None and side.summary.low is not None
        for side in (each.base, each.candidate)
    )


def _sides(compared: Compared) -> Iterator[tuple[str, str]]:
    yield "base", compared.base
    yield "candidate", compared.candidate
    yield from (("differs", difference_text(each)) for each in compared.differences)
    if any(_has_interval(each) for each in compared.comparisons):
        yield "intervals", f"{OWN_ROUNDS}."
    yield from (("warning", text) for text in compared.warnings)


def _by_metric(comparisons: Sequence[Comparison]) -> dict[str, list[Comparison]]:
    groups: dict[str, list[Comparison]] = {}
    for each in comparisons:
        groups.setdefault(each.metric, []).append(each)
    return groups


def _side(side: SideValues | None, metric: str) -> str:
    if side is None:
        return NO_CASE
    if side.summary is None:
        return STATUS_TEXT.get(side.status, "not measured")
    return " ".join(filter(None, shown(side.summary, metric)))
