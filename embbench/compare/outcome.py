"""All comparisons of two runs, and the exit code they come to."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from embbench.compare.comparison import VERDICTS, Comparison
from embbench.compare.decide import Ruling, Weighed, rule
from embbench.compare.judge import ACROSS, Draft, Terms, draft, settle
from embbench.compare.match import Pair
from embbench.errors import EXIT_BROKE, EXIT_INCONCLUSIVE, EXIT_NOTHING_MEASURED, EXIT_REGRESSION
from embbench.stats.power import launches_needed
from embbench.stats.summary import Summary

UNDECIDED = frozenset({"inconclusive", "incomparable", "removed"})
DECIDED = frozenset({"regression", "improvement", "same"})


def compare(pairs: Sequence[Pair], terms: Terms) -> list[Comparison]:
    """Every pair with every metric; the sampled ones are decided together, so that many cases do not mean more false
    alarms. What is capped takes no part: it claims nothing.
    """
    drafts = [(pair, metric, draft(pair, metric, terms)) for metric in terms.metrics for pair in pairs]
    open_ = [each.found for _, _, each in drafts if isinstance(each.found, Weighed) and not each.cap]
    ruled = iter(rule(open_, terms.alpha))
    found = []
    for pair, metric, each in drafts:
        if isinstance(each.found, Ruling):
            ruling = each.found
        else:
            ruling = rule([each.found], terms.alpha)[0] if each.cap else next(ruled)
        found.append(_comparison(pair, metric, each, settle(each, ruling), terms))
    return found


def tally(comparisons: Sequence[Comparison]) -> dict[str, int]:
    """Verdict -> how many, the gravest first."""
    counted = Counter(each.verdict for each in comparisons)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def exit_code(comparisons: Sequence[Comparison], strict: bool) -> int:
    """4 where a case broke, 1 where one got worse, 5 where nothing could be compared, 3 (strict) where something could
    not be decided, else 0.
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
    """Whether the sides could be held against each other, though it could not be decided."""
    return each.verdict == "inconclusive" and each.reason not in ACROSS


def _comparison(pair: Pair, metric: str, each: Draft, ruling: Ruling, terms: Terms) -> Comparison:
    result, costs = pair.example, each.equal.costs if each.equal else {}
    return Comparison(
        name=pair.name,
        case_id=result.case_id,
        case=result.case,
        metric=metric,
        threshold=terms.metrics[metric],
        base=each.base,
        candidate=each.candidate,
        ratio=ruling.ratio,
        verdict=ruling.verdict,
        reason=ruling.reason,
        note=_note(each, ruling, terms, metric),
        evidence=ruling.evidence
        and msgspec.structs.replace(
            ruling.evidence, fault_cost=costs.get("faults", 0.0), wait_cost=costs.get("waits", 0.0)
        ),
        paired=each.paired,
        differences=tuple(map(str, each.differences)),
    )


def _note(each: Draft, ruling: Ruling, terms: Terms, metric: str) -> str:
    """What a person should know or do; '' where the verdict says it all."""
    kind, threshold = ruling.reason, terms.metrics[metric]
    if kind in ("machine", *ACROSS):
        told = "; ".join(str(found) for found in each.differences if found.kind == kind and found.capping)
        remedy = "" if kind == "machine" else f"; --across {kind} if that is the question"
        return f"{told}{remedy}"
    if kind in ("failed", "both-failed"):
        failed = each.candidate if each.candidate and each.candidate.status != "ok" else each.base
        return f"{failed.status}: {failed.reason}" if failed and failed.reason else failed.status if failed else ""
    if kind == "unsteady":
        return ", ".join(each.moving)
    if kind == "few-rounds":
        return "give it more time: --budget" if each.paired else "measure both sides with --rounds 5 or more"
    if kind == "noise" and ruling.evidence is not None:
        return _advice(ruling.ratio, threshold, ruling.evidence.deviation, terms.alpha / ruling.evidence.family, each)
    return ""


def _advice(ratio: Summary | None, threshold: float, deviation: float, alpha: float, each: Draft) -> str:
    """How many launches or rounds would decide, if the change is what it looks like, or else twice the threshold."""
    seen = max(ratio.center, 1 / ratio.center) - 1 if ratio else 0.0
    effect = seen if seen > 1.5 * threshold else 2 * threshold
    needed = launches_needed(effect, threshold, deviation, alpha)
    unit = "launches" if each.paired else "rounds a side"
    more = f"{needed} {unit}" if needed is not None else f"more than 10,000 {unit}"
    return f"a change of {effect:.0%} would take {more} to show here"
