"""`compare --explain`: the path from the rounds of both sides to the verdict, step by step."""

from collections.abc import Iterator

from embbench.compare.comparison import Comparison, Evidence, SideValues
from embbench.report.comparisons import why
from embbench.report.figures import factor_text, percent, share_text
from embbench.spec.metrics import METRICS
from embbench.spec.units import format_quantity


def explain(each: Comparison) -> str:
    """Ends with a newline."""
    return "\n".join(_lines(each)) + "\n"


def _lines(each: Comparison) -> Iterator[str]:
    yield f"{each.name} · {each.metric} · threshold {share_text(each.threshold)}"
    for name, side in (("base", each.base), ("candidate", each.candidate)):
        yield f"  {name:<10} {_side(side, each.metric)}"
        if side is not None and side.unsteady:
            yield f"  {'':<10} samples moved in {', '.join(side.unsteady)}"
    if each.differences:
        yield f"  differs    {'; '.join(each.differences)}"
    if each.ratio is not None:
        how = "ratios within launches" if each.paired else "medians of rounds, the sides apart"
        yield f"  ratio      {factor_text(each.ratio)}, from {how}"
    if each.evidence is not None:
        yield from _evidence(each.evidence, each.threshold, each.metric)
    yield f"  verdict    {each.verdict}: {why(each)}"


def _side(side: SideValues | None, metric: str) -> str:
    if side is None:
        return "no such case"
    if not side.values:
        return f"{side.status}, {side.rounds} rounds: {side.reason or 'no number'}"
    told = ", ".join(format_quantity(value, METRICS[metric].unit, 4) for value in side.values)
    return f"{len(side.values)} of {side.rounds} rounds: {told}"


def _evidence(evidence: Evidence, threshold: float, metric: str) -> Iterator[str]:
    yield f"  scatter    {percent(evidence.deviation)} a round, on logarithms"
    worse, better = _words(metric)
    questions = (
        (f"not {worse} by more than {share_text(threshold)}", evidence.worse),
        (f"not {better} by more than {share_text(threshold)}", evidence.better),
        (f"not within {share_text(threshold)}", evidence.same),
    )
    for (question, p), adjusted in zip(questions, evidence.adjusted, strict=True):
        among = f", {adjusted:.2g} among {evidence.family}" if evidence.family > 1 else ""
        yield f"  p          {p:.2g}{among} if it were {question}"


def _words(metric: str) -> tuple[str, str]:
    """What a worse and a better value of it is."""
    if METRICS[metric].unit == "s":
        return "slower", "faster"
    return ("lower", "higher") if METRICS[metric].better == "higher" else ("larger", "smaller")
