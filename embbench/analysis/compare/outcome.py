"""All comparisons of two runs, and their exit code."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from embbench.analysis.compare.comparison import VERDICTS, Comparison
from embbench.analysis.compare.decide import Decided, FoundShift, decide
from embbench.analysis.compare.differences import forbidding
from embbench.analysis.compare.evidence import ACROSS, CompareOptions, Draft, capped, draft
from embbench.analysis.compare.match import Pair
from embbench.errors import EXIT_BROKE, EXIT_INCONCLUSIVE, EXIT_NOTHING_MEASURED, EXIT_REGRESSION
from embbench.stats.power import launches_needed

UNDECIDED = frozenset({"inconclusive", "incomparable", "removed"})
DECIDED = frozenset({"regression", "improvement", "same"})


def compare(pairs: Sequence[Pair], options: CompareOptions) -> list[Comparison]:
    """A comparison per pair and metric. Comparisons of sampled metrics are decided together, so that many cases do not
    mean more false alarms. Capped comparisons are decided alone.
    """
    drafts = [(pair, metric, draft(pair, metric, options)) for metric in options.metrics for pair in pairs]
    open_ = [each.found for _, _, each in drafts if isinstance(each.found, FoundShift) and not each.cap]
    together_decided = iter(decide(open_, options.alpha))
    found = []
    for pair, metric, each in drafts:
        if isinstance(each.found, Decided):
            decided = each.found
        else:
            decided = decide([each.found], options.alpha)[0] if each.cap else next(together_decided)
        found.append(_comparison(pair, metric, each, capped(each, decided), options))
    return found


def tally(comparisons: Sequence[Comparison]) -> dict[str, int]:
    """Verdict -> number of comparisons, the most important verdict first."""
    counted = Counter(each.verdict for each in comparisons)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def exit_code(comparisons: Sequence[Comparison], strict: bool) -> int:
    """4 where a case broke, 1 for a regression, 5 where nothing is comparable, 3 (strict) for undecided comparisons,
    else 0.
    """
    found = {each.verdict for each in comparisons}
    if "broke" in found:
        return EXIT_BROKE
    if "regression" in found:
        return EXIT_REGRESSION
    if all(each.verdict not in DECIDED and not _compared(each) for each in comparisons):
        return EXIT_NOTHING_MEASURED
    return EXIT_INCONCLUSIVE if strict and found & UNDECIDED else 0


def _compared(each: Comparison) -> bool:
    """Whether the sides are comparable, although undecided."""
    return each.verdict == "inconclusive" and each.reason not in ACROSS


def _comparison(pair: Pair, metric: str, each: Draft, decided: Decided, options: CompareOptions) -> Comparison:
    result, costs = pair.example, each.equal.costs if each.equal else {}
    effect, needed = _needed(each, decided, options, options.metrics[metric])
    return Comparison(
        name=pair.name,
        case_id=result.case_id,
        case=result.case,
        metric=metric,
        threshold=options.metrics[metric],
        base=each.base,
        candidate=each.candidate,
        ratio=decided.ratio,
        verdict=decided.verdict,
        reason=decided.reason,
        causes=_causes(each, decided.reason),
        effect=effect,
        needed=needed,
        evidence=decided.evidence
        and msgspec.structs.replace(
            decided.evidence, fault_cost=costs.get("faults", 0.0), wait_cost=costs.get("waits", 0.0)
        ),
        paired=each.paired,
        differences=each.differences,
    )


def _causes(each: Draft, reason: str) -> tuple[str, ...]:
    """The causes of the reason, in the words of the rounds."""
    if reason in ("machine", *ACROSS):
        return tuple(map(str, forbidding(each.differences, reason)))
    if reason in ("failed", "both-failed"):
        failed = each.candidate if each.candidate and each.candidate.status != "ok" else each.base
        if failed is None:
            return ()
        return (f"{failed.status}: {failed.reason}" if failed.reason else failed.status,)
    return tuple(each.moving) if reason == "unsteady" else ()


def _needed(each: Draft, decided: Decided, options: CompareOptions, threshold: float) -> tuple[float, int | None]:
    """(effect, launches or rounds that would decide). effect: the measured change, or twice the threshold; 0 where the
    reason is not noise.
    """
    evidence, ratio = decided.evidence, decided.ratio
    if decided.reason != "noise" or evidence is None:
        return 0.0, None
    seen = max(ratio.center, 1 / ratio.center) - 1 if ratio else 0.0
    effect = seen if seen > 1.5 * threshold else 2 * threshold
    return effect, launches_needed(effect, threshold, evidence.deviation, options.alpha / evidence.family)
