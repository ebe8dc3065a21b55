"""`compare --explain`: the path from the rounds of both sides to the verdict, step by step."""

from collections.abc import Iterator, Sequence

from embbench.analysis.compare.comparison import Comparison, Evidence, SideValues
from embbench.cases.metrics import METRICS
from embbench.cases.units import format_quantity
from embbench.report.comparisons import SCHEMA, as_values
from embbench.report.document import Block, Document, Facts, Heading
from embbench.report.figures import factor_text, percent, share_text
from embbench.report.reasons import difference_text, why


def steps_document(comparisons: Sequence[Comparison]) -> Document:
    """A heading and the steps of each comparison."""
    blocks: list[Block] = []
    for each in comparisons:
        blocks += [
            Heading(f"{each.name} · {each.metric} · threshold {share_text(each.threshold)}"),
            Facts(tuple(_steps(each))),
        ]
    return Document(blocks=tuple(blocks), data={"schema": SCHEMA, "comparisons": as_values(comparisons)})


def _steps(each: Comparison) -> Iterator[tuple[str, str]]:
    for name, side in (("base", each.base), ("candidate", each.candidate)):
        yield name, _side(side, each.metric)
        if side is not None and side.unsteady:
            drifts = ", ".join(f"round {each.number}: {each.course}" for each in side.unsteady)
            yield name, f"samples drifted in {drifts}"
    if each.differences:
        yield "differs", "; ".join(map(difference_text, each.differences))
    if each.ratio is not None:
        how = "ratios within launches" if each.paired else "the medians of the rounds of each side"
        yield "ratio", f"{factor_text(each.ratio)}, from {how}"
    if each.evidence is not None:
        yield from _evidence(each.evidence, each.threshold, each.metric)
    yield "verdict", f"{each.verdict}: {why(each)}"


def _side(side: SideValues | None, metric: str) -> str:
    if side is None:
        return "no such case"
    if not side.values:
        return f"{side.status}, {side.rounds} rounds: {side.reason or 'no number'}"
    values = ", ".join(format_quantity(value, METRICS[metric].unit, 4) for value in side.values)
    return f"{len(side.values)} of {side.rounds} rounds: {values}"


def _evidence(evidence: Evidence, threshold: float, metric: str) -> Iterator[tuple[str, str]]:
    yield "scatter", f"{percent(evidence.deviation)} per round, on logarithms"
    worse, better = _words(metric)
    questions = (
        (f"not {worse} by more than {share_text(threshold)}", evidence.worse),
        (f"not {better} by more than {share_text(threshold)}", evidence.better),
        (f"not within {share_text(threshold)}", evidence.same),
    )
    for (question, p), adjusted in zip(questions, evidence.adjusted, strict=True):
        among = f", {adjusted:.2g} among {evidence.family} comparisons," if evidence.family > 1 else ""
        yield "p", f"{p:.2g}{among} if the candidate were {question}"


def _words(metric: str) -> tuple[str, str]:
    """The words for a worse and a better value of the metric."""
    if METRICS[metric].unit == "s":
        return "slower", "faster"
    return ("lower", "higher") if METRICS[metric].better == "higher" else ("larger", "smaller")
