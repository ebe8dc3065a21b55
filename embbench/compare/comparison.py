"""The values of a comparison: verdicts, reason codes, and what the decision rests on."""

from typing import Literal, get_args

import msgspec

from embbench.spec.case import Case
from embbench.stats.summary import Summary

Verdict = Literal[
    "broke", "regression", "removed", "inconclusive", "incomparable", "fixed", "improvement", "new", "same"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)  # what a reader must see first comes first

REASONS = {
    "shown": "the change is shown to be larger than the threshold",
    "within": "the change is shown to be smaller than the threshold",
    "exact": "bytes and counts, compared as they are",
    "noise": "the interval reaches over the threshold",
    "faults": "the sides seem to differ by their page faults, and more launches must show whether they do",
    "waits": "the sides seem to differ by their waits for a CPU, and more launches must show whether they do",
    "scatter": "bytes or counts of one side lie across the threshold",
    "few-rounds": "a side has a single round, which tells no spread",
    "unsteady": "in most processes the samples, or in most launches the ratios, trend, jump or had not settled",
    "no-spread": "all times of a side are the same to the last bit: no clock gives that",
    "zero": "a value is 0, and no ratio can be formed with it",
    "bad-samples": "a time is not above 0: the clock went back, or the file was made up",
    "machine": "measured on different machines",
    "twin": "measured on two machines of one kind, or on what nobody can tell to be one machine: such differ too",
    "states": "the machine moved its CPUs: no state of it was met by both sides (`doctor`: core-to-core latency)",
    "software": "measured with different versions",
    "protocol": "measured with different protocols",
    "unproven": "one side shows no rows and no loss, so that nothing proves its steps",
    "class": "different semantic classes: not the same work",
    "ambiguous": "a side holds several machines or sets of versions of this case",
    "not-measured": "a side has no such number",
    "failed": "one side has no number",
    "some-failed": "more rounds of the candidate failed than of the base",
    "mostly-failed": "most rounds of the candidate failed, and none of the base",
    "both-failed": "neither side has a number",
    "absent": "the case is on one side only",
}


class Evidence(msgspec.Struct, frozen=True):
    """p-values of 'not worse by more than the threshold', 'not better', 'not the same', as found and adjusted for the
    number of comparisons made together (`family`). Worse is what the metric's `better` says: longer, or a lower rate.
    deviation: of the logarithms, a value a round or launch. fault_cost: seconds of a page fault, where the ratio is the
    one at equal page faults (see `compare.chance`); else 0. wait_cost: likewise, seconds of a step by each second that
    its threads wait for a CPU.
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
    """ratio: candidate / base, with its 95 % interval. note: what a person should know or do. base, candidate: None
    where that side has no such case.
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
    reason: str
    note: str = ""
    evidence: Evidence | None = None
    paired: bool = False
    differences: tuple[str, ...] = ()
