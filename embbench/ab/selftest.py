"""The tool against itself: the same program on both sides, and with a known slowdown on one."""

import itertools
import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from embbench.ab.decision import LOOKS, MOST, last_share
from embbench.ab.sides import Contest, Party
from embbench.compare.comparison import Comparison
from embbench.stats.power import smallest_effect
from embbench.stats.proportion import proportion
from embbench.stats.spread import pooled_deviation
from embbench.stats.summary import Summary, median
from embbench.store.round import Round

GAP = 10  # times the usual; launches of one case take about as long
RESOLUTION = 0.1  # seconds; starts are told in whole ones
CHANGES = frozenset({"regression", "improvement", "broke", "fixed"})
EQUAL, SLOWED = "A/A", "A/B"


class Trust(msgspec.Struct, frozen=True):
    """Of what could be compared. alarms: of the comparisons of equal programs, the share called a change. seen: of
    those with the slowdown, the share called a regression. undecided: of all, the share that could not be decided.
    None: none was made.

    launches: that the budget holds. deviation: of the launches' log-ratios. smallest: the slowdown, as a
    share, that so many launches see in 90 of 100 comparisons. None where too few launches tell.
    """

    alarms: Summary | None
    seen: Summary | None
    undecided: Summary | None
    launches: int
    deviation: Summary | None
    smallest: Summary | None


def contests(party: Party, comparisons: int, slowdown: float) -> list[Contest]:
    """`comparisons` of equal programs and as many with the slowdown, in turns, so that both see the same weather. All
    bear the slowdown's bookkeeping, so that it makes no difference itself.
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
    """What comparisons of step_time, named by `contests`, say together. launches: that the budget holds."""
    tried = [each for each in found if each.verdict != "incomparable"]
    equal, slowed = ([each for each in tried if each.name.startswith(kind)] for kind in (EQUAL, SLOWED))
    told = [(each.evidence.deviation, len(each.candidate.values)) for each in found if each.evidence and each.candidate]
    deviation = pooled_deviation(told)
    return Trust(
        alarms=_share(each.verdict in CHANGES for each in equal),
        seen=_share(each.verdict == "regression" for each in slowed),
        undecided=_share(each.verdict == "inconclusive" for each in tried),
        launches=launches,
        deviation=deviation,
        smallest=_smallest(deviation, found[0].threshold, launches, alpha) if deviation and launches else None,
    )


def launch_seconds(rounds: Sequence[Round]) -> float:
    """Seconds from one launch to the next, without the gaps of an interruption. rounds: of one side, as written."""
    starts = [datetime.fromisoformat(line.started).timestamp() for line in rounds]
    steps = [later - sooner for sooner, later in itertools.pairwise(starts)]
    usual = [step for step in steps if step <= GAP * max(1.0, median(steps))]
    return max(math.fsum(usual) / len(usual), RESOLUTION) if usual else math.inf


def held(seconds: float, budget: float) -> int:
    """How many launches of `seconds` the budget holds; 0 where they are too few to look at."""
    launches = min(MOST, int(budget / seconds))
    return launches if launches >= min(LOOKS) else 0


def _share(kinds: Iterable[bool]) -> Summary | None:
    told = list(kinds)
    return proportion(sum(told), len(told)) if told else None


def _smallest(deviation: Summary, threshold: float, launches: int, alpha: float) -> Summary:
    """At the last look."""
    bounds = (deviation.center, deviation.low or 0.0, deviation.high or math.inf)
    center, low, high = (smallest_effect(threshold, bound, launches, alpha * last_share()) for bound in bounds)
    return Summary(center, low, high, deviation.n)
