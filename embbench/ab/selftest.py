"""embbench tests itself: the same program on both sides, and the same program with a known slowdown on one side."""

import itertools
import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from embbench.ab.decision import LOOKS, MOST, last_share
from embbench.ab.sides import Contest, Party
from embbench.analysis.compare.comparison import Comparison
from embbench.analysis.compare.trust import Trust
from embbench.stats.power import smallest_effect
from embbench.stats.proportion import proportion
from embbench.stats.spread import pooled_deviation
from embbench.stats.summary import Summary, median
from embbench.store.round import Round

GAP = 10  # multiple of the usual time between launches, above which there was an interruption
RESOLUTION = 0.1  # seconds; start times are whole seconds
CHANGES = frozenset({"regression", "improvement", "broke", "fixed"})
EQUAL, SLOWED = "A/A", "A/B"


def contests(party: Party, comparisons: int, slowdown: float) -> list[Contest]:
    """`comparisons` contests of equal programs and as many with the slowdown. Both kinds take turns, so that the
    machine disturbs both alike. All programs carry the bookkeeping of the slowdown, so that it makes no difference.
    """
    plain = msgspec.structs.replace(party, slowdown=0.0)
    slow = msgspec.structs.replace(party, slowdown=slowdown)
    return [
        contest
        for number in range(comparisons)
        for contest in (
            Contest(f"{EQUAL} {number + 1}", plain, plain, f"aa{number}"),
            Contest(f"{SLOWED} {number + 1}", plain, slow, f"ab{slowdown:g}-{number}"),
        )
    ]


def conclude(found: Sequence[Comparison], launches: int, alpha: float) -> Trust:
    """The rates of comparisons of step_time, named by `contests`. launches: number that fits into the budget."""
    tried = [each for each in found if each.verdict != "incomparable"]
    equal, slowed = ([each for each in tried if each.name.startswith(kind)] for kind in (EQUAL, SLOWED))
    deviation = pooled_deviation(
        [(each.evidence.deviation, len(each.candidate.values)) for each in found if each.evidence and each.candidate]
    )
    return Trust(
        alarms=_share(each.verdict in CHANGES for each in equal),
        seen=_share(each.verdict == "regression" for each in slowed),
        undecided=_share(each.verdict == "inconclusive" for each in tried),
        launches=launches,
        deviation=deviation,
        smallest=_smallest(deviation, found[0].threshold, launches, alpha) if deviation and launches else None,
    )


def launch_seconds(rounds: Sequence[Round]) -> float:
    """Seconds from one launch to the next, without interruptions. rounds: of one side, in order of the journal."""
    starts = [datetime.fromisoformat(line.started).timestamp() for line in rounds]
    steps = [later - sooner for sooner, later in itertools.pairwise(starts)]
    usual = [step for step in steps if step <= GAP * max(1.0, median(steps))]
    return max(math.fsum(usual) / len(usual), RESOLUTION) if usual else math.inf


def held(seconds: float, budget: float) -> int:
    """How many launches of `seconds` fit into the budget; 0 if they are too few for the first look."""
    launches = min(MOST, int(budget / seconds))
    return launches if launches >= min(LOOKS) else 0


def _share(kinds: Iterable[bool]) -> Summary | None:
    flags = list(kinds)
    return proportion(sum(flags), len(flags)) if flags else None


def _smallest(deviation: Summary, threshold: float, launches: int, alpha: float) -> Summary:
    """The smallest slowdown that the last look detects."""
    bounds = (deviation.center, deviation.low or 0.0, deviation.high or math.inf)
    center, low, high = (smallest_effect(threshold, bound, launches, alpha * last_share()) for bound in bounds)
    return Summary(center, low, high, deviation.n)
