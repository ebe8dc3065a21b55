"""The values of a comparison: verdicts, reason codes, and what the decision rests on."""

from typing import Literal, get_args

import msgspec

from embbench.cases.case import Case
from embbench.stats.summary import Summary

Verdict = Literal[
    "broke", "regression", "removed", "inconclusive", "incomparable", "fixed", "improvement", "new", "same"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)  # what a reader must see first comes first
Reason = Literal[
    "shown", "within", "exact", "noise", "faults", "waits", "scatter", "few-rounds", "unsteady", "no-spread", "zero",
    "bad-samples", "machine", "twin", "states", "software", "protocol", "unproven", "class", "ambiguous",
    "not-measured", "failed", "some-failed", "mostly-failed", "both-failed", "absent",
]  # fmt: skip


class Evidence(msgspec.Struct, frozen=True):
    """p-values of 'not worse by more than the threshold', 'not better', 'not the same', as found and adjusted for the
    number of comparisons made together (`family`). Worse is what the metric's `better` says: longer, or a lower rate.
    deviation: of the logarithms, a value a round or launch. fault_cost: seconds of a page fault, where the ratio is the
    one at equal page faults (see `analysis.compare.chance`); else 0. wait_cost: likewise, seconds of a step by each
    second that its threads wait for a CPU.
    """

    worse: float
    better: float
    same: float
    deviation: float
    adjusted: tuple[float, float, float]
    family: int
    fault_cost: float = 0.0
    wait_cost: float = 0.0


class SideValues(msgspec.Struct, frozen=True):
    """One side of a comparison. values: of the metric, one a round. reason: why there are none. unsteady: rounds whose
    samples moved, with how.
    """

    status: str
    rounds: int
    values: tuple[float, ...] = ()
    summary: Summary | None = None
    reason: str = ""
    unsteady: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """ratio: candidate / base, with its 95 % interval. base, candidate: None where that side has no such case. causes:
    what the reason rests on, such as differences of versions, the words of a failure, or rounds that drifted. effect,
    needed: of noise: a change, and how many launches or rounds would show it; needed is None beyond 10,000.
    """

    name: str
    case_id: str
    case: Case
    metric: str
    threshold: float
    base: SideValues | None
    candidate: SideValues | None
    ratio: Summary | None
    verdict: Verdict
    reason: Reason
    causes: tuple[str, ...] = ()
    effect: float = 0.0
    needed: int | None = None
    evidence: Evidence | None = None
    paired: bool = False
    differences: tuple[str, ...] = ()
