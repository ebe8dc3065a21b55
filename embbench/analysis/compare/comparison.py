"""The values of a comparison: verdict, reason code, evidence."""

from typing import Literal, get_args

import msgspec

from embbench.analysis.collapse.drifting import Drift
from embbench.analysis.compare.differences import Difference
from embbench.cases.case import Case
from embbench.stats.summary import Summary

Verdict = Literal[
    "broke", "regression", "removed", "inconclusive", "incomparable", "fixed", "improvement", "new", "same"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)  # the most important verdict first
Reason = Literal[
    "shown", "within", "exact", "noise", "faults", "waits", "scatter", "few-rounds", "unsteady", "no-spread", "zero",
    "bad-samples", "machine", "twin", "states", "software", "protocol", "unproven", "class", "ambiguous",
    "not-measured", "failed", "some-failed", "mostly-failed", "both-failed", "absent",
]  # fmt: skip


class Evidence(msgspec.Struct, frozen=True):
    """worse, better, same: p-values of the hypotheses 'not worse by more than the threshold', 'not better', 'not the
    same'. Worse means longer, or a lower rate, by the metric's `better`. adjusted: the p-values, adjusted for `family`
    comparisons. deviation: of the logarithms, a value per round or launch. fault_cost: seconds per page fault, for a
    ratio at equal page faults (see `analysis.compare.chance`); else 0. wait_cost: seconds of a step per second that its
    threads wait for a CPU, for a ratio at equal waits; else 0.
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
    """A side of a comparison. values: of the metric, a value per round. reason: why there are no values. unsteady: the
    rounds that drifted.
    """

    status: str
    rounds: int
    values: tuple[float, ...] = ()
    summary: Summary | None = None
    reason: str = ""
    unsteady: tuple[Drift, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """ratio: candidate / base, with its 95 % interval. base, candidate: None where the side lacks the case. causes:
    of the reason, such as differences of versions, the text of a failure, or rounds that drifted. effect, needed: for
    noise, a change and the number of launches or rounds that would show it; needed is None beyond 10,000. differences:
    of the rounds of this case.
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
    differences: tuple[Difference, ...] = ()
