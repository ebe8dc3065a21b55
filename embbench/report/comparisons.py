"""Comparisons as text, Markdown, CSV and JSON."""

import csv
import io
from collections.abc import Callable, Sequence

import msgspec
from rich.table import Table as RichTable
from rich.text import Text

from embbench import wire
from embbench.compare.comparison import REASONS, Comparison, SideValues
from embbench.compare.outcome import tally
from embbench.plain import one_line
from embbench.report.cells import shown
from embbench.report.console import make_console, written
from embbench.report.data import field
from embbench.report.figures import factor_text, share_text
from embbench.report.formats import PLAIN_WIDTH, check_format
from embbench.report.markdown import escaped
from embbench.report.table import NO_CASE, STATUS_TEXT
from embbench.spec.metrics import METRICS
from embbench.spec.units import format_quantity

HEADINGS = ("case", "base", "candidate", "ratio", "verdict")
STYLES = {"regression": "bold red", "broke": "bold red", "improvement": "green", "fixed": "green", "same": "dim"}
CSV = (
    "case_id", "case", "metric", "unit", "threshold", "base", "base_low", "base_high", "candidate", "candidate_low",
    "candidate_high", "ratio", "ratio_low", "ratio_high", "verdict", "reason", "note",
)  # fmt: skip


class Told(msgspec.Struct, frozen=True):
    """Comparisons as they are shown. differences: of machine, versions and protocol, 'python 3.11.7 → 3.12.1'.
    warnings: what makes all of them say less than they seem to.
    """

    base: str
    candidate: str
    comparisons: tuple[Comparison, ...]
    differences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def render_comparisons(told: Told, format_name: str, width: int = PLAIN_WIDTH, colour: bool = False) -> str:
    """In one of `formats.FORMATS`. Ends with a newline. Raises UsageError naming the nearest format."""
    renderers: dict[str, Callable[[], str]] = {
        "text": lambda: _text(told, width, colour),
        "md": lambda: _markdown(told),
        "csv": lambda: _csv(told),
        "json": lambda: wire.document(told),
    }
    return renderers[check_format(format_name)]()


def summary_line(comparisons: Sequence[Comparison]) -> str:
    """'12 comparisons: 1 regression, 11 same'."""
    parts = ", ".join(f"{count} {verdict}" for verdict, count in tally(comparisons).items())
    return f"{len(comparisons)} comparison{'s' if len(comparisons) != 1 else ''}: {parts or 'nothing to compare'}"


def cells(each: Comparison) -> tuple[str, ...]:
    """As under HEADINGS."""
    ratio = "" if each.ratio is None else f"×{factor_text(each.ratio)}"
    return one_line(each.name), _side(each.base, each.metric), _side(each.candidate, each.metric), ratio, each.verdict


def why(each: Comparison) -> str:
    """The reason code in words, with what to do."""
    return REASONS[each.reason] + (f": {each.note}" if each.note else "")


def _text(told: Told, width: int, colour: bool) -> str:
    console = make_console(width, colour)
    for metric, group in _by_metric(told.comparisons).items():
        console.print(Text.assemble((metric, "bold"), f"  threshold {share_text(group[0].threshold)}"))
        console.print(_grid(group))
        console.print()
    notes = _notes(told.comparisons)
    for note in notes:
        console.print(Text(f"• {one_line(note)}"))
    if notes:
        console.print()
    for name, text in _heads(told):
        console.print(Text.assemble((f"{name:<11}", "dim"), one_line(text)))
    console.print(Text(summary_line(told.comparisons), style="bold"))
    return written(console)


def _grid(group: Sequence[Comparison]) -> RichTable:
    grid = RichTable(box=None, pad_edge=False, header_style="dim")
    for heading in HEADINGS:
        grid.add_column(heading, justify="left" if heading in ("case", "verdict") else "right")
    for each in group:
        *told, verdict = cells(each)
        grid.add_row(*map(Text, told), Text(verdict, style=STYLES.get(verdict, "")))
    return grid


def _markdown(told: Told) -> str:
    parts = [f"**{summary_line(told.comparisons)}**"]
    for metric, group in _by_metric(told.comparisons).items():
        lines = [HEADINGS, ("---", "---:", "---:", "---:", "---")]
        lines += [tuple(map(escaped, cells(each))) for each in group]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts.append(f"**{escaped(metric)}**, threshold {share_text(group[0].threshold)}\n\n{table}")
    if notes := _notes(told.comparisons):
        parts.append("\n".join(f"- {escaped(note)}" for note in notes))
    parts.append("\n".join(f"- **{name}**: {escaped(text)}" for name, text in _heads(told)))
    return "\n\n".join(parts) + "\n"


def _csv(told: Told) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV)
    for each in told.comparisons:
        summaries = [side.summary if side else None for side in (each.base, each.candidate)]
        numbers = [
            "" if summary is None else getattr(summary, part)
            for summary in (*summaries, each.ratio)
            for part in ("center", "low", "high")
        ]
        unit = METRICS[each.metric].unit
        first = [each.case_id, each.name, each.metric, unit, each.threshold]
        writer.writerow(map(field, [*first, *numbers, each.verdict, each.reason, each.note]))
    return out.getvalue()


def _notes(comparisons: Sequence[Comparison]) -> list[str]:
    """Why a verdict is what it is, where the ratio alone does not say it; once for all metrics that it holds of."""
    told: dict[tuple[str, str], list[str]] = {}
    for each in comparisons:
        if each.reason not in ("shown", "within", "exact"):
            told.setdefault((each.name, f"{each.verdict}, {why(each)}"), []).append(each.metric)
    for each in comparisons:
        if each.evidence is not None and each.evidence.fault_cost:
            cost = format_quantity(each.evidence.fault_cost, "s", 2)
            sentence = f"ratio at equal page faults: how many a process has differs by chance, and each costs {cost}"
            told.setdefault((each.name, sentence), []).append(each.metric)
        if each.evidence is not None and each.evidence.wait_cost:
            sentence = "ratio at equal waits for a CPU: how long a process's threads wait for one differs by chance"
            told.setdefault((each.name, sentence), []).append(each.metric)
    return [f"{name} {', '.join(metrics)}: {sentence}" for (name, sentence), metrics in told.items()]


def _heads(told: Told) -> list[tuple[str, str]]:
    found = [("base", told.base), ("candidate", told.candidate)]
    found += [("differs", each) for each in told.differences]
    return [*found, *(("warning", each) for each in told.warnings)]


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
