"""The reason of a verdict in words, and what to do."""

from collections.abc import Collection

from embbench.analysis.compare.comparison import Comparison, Reason
from embbench.analysis.compare.differences import Difference, forbidding
from embbench.analysis.compare.evidence import ACROSS
from embbench.cases.units import format_quantity

IN_BYTES = ("memory", "limit")  # facts of a machine
MOST_DIGITS = 20  # of a number of bytes

REASONS: dict[Reason, str] = {
    "shown": "the change is shown to be larger than the threshold",
    "within": "the change is shown to be smaller than the threshold",
    "exact": "bytes and counts are compared as they are",
    "noise": "a change larger than the threshold is neither shown nor excluded",
    "faults": "the sides seem to differ by their page faults; more launches must show it",
    "waits": "the sides seem to differ by their waits for a CPU; more launches must show it",
    "scatter": "bytes or counts of one side lie on both sides of the threshold",
    "few-rounds": "a side has a single round, which gives no interval",
    "unsteady": "the samples of most processes, or the ratios of most launches, drift",
    "no-spread": "all times of a side are the same to the last bit: no clock measures that",
    "zero": "a value is 0, and a ratio needs a value above 0",
    "bad-samples": "a time is not above 0: the clock went back, or the file is not a measurement",
    "machine": "the sides were measured on different machines",
    "twin": "the sides were measured on two machines of one kind, or cannot be shown to be one machine",
    "states": "the machine moved its CPUs, and the sides met no state in common (`doctor`: core-to-core latency)",
    "software": "the sides were measured with different versions",
    "protocol": "the sides were measured with different protocols",
    "unproven": "a side shows no rows and no loss, so nothing proves its steps",
    "class": "the sides have different semantic classes, which is not the same work",
    "ambiguous": "a side has several machines or sets of versions of this case",
    "not-measured": "a side does not have this metric",
    "failed": "a side has no number",
    "some-failed": "more rounds of the candidate failed than of the base",
    "mostly-failed": "most rounds of the candidate failed, and none of the base",
    "both-failed": "neither side has a number",
    "absent": "only one side has the case",
}


def why(each: Comparison, listed: Collection[Difference] = ()) -> str:
    """The reason of a verdict, with its note. listed: differences that the reader sees under 'differs'; they may join
    the values of several cases.
    """
    found = forbidding(each.differences, each.reason)
    if found and {(one.kind, one.name) for one in found} <= {(one.kind, one.name) for one in listed}:
        note = f"; {anyway}" if (anyway := _anyway(each.reason)) else ""
        return f"{REASONS[each.reason]} (see differs){note}"
    note = note_text(each)
    return REASONS[each.reason] + (f": {note}" if note else "")


def note_text(each: Comparison) -> str:
    """Causes, or what to do; '' where the reason is enough."""
    if each.reason in ("machine", *ACROSS):
        found = map(difference_text, forbidding(each.differences, each.reason))
        return "; ".join(filter(None, (*found, _anyway(each.reason))))
    causes = ", ".join(each.causes)
    if each.reason == "few-rounds":
        return "raise --budget" if each.paired else "measure both sides with --rounds 5 or more"
    if each.reason == "noise" and each.effect:
        unit = "launches" if each.paired else "rounds per side"
        count = "more than 10,000" if each.needed is None else each.needed
        return f"to show a change of {each.effect:.0%} here takes {count} {unit}"
    return causes


def difference_text(found: Difference) -> str:
    """'memory 25.2 GB → 33.6 GB': bytes with as many digits as show the difference, 3 or more."""
    if found.kind != "machine" or found.name not in IN_BYTES:
        return str(found)
    texts = found.base, found.candidate
    for digits in range(3, MOST_DIGITS):
        texts = _in_bytes(found.base, digits), _in_bytes(found.candidate, digits)
        if texts[0] != texts[1]:
            break
    return f"{found.name} {texts[0]} → {texts[1]}"


def _in_bytes(side: str, digits: int) -> str:
    """side: one number of bytes or several, 'a / b', or no number."""
    values = side.split(" / ")
    return " / ".join(format_quantity(int(each), "B", digits) if each.isdecimal() else each for each in values)


def _anyway(reason: str) -> str:
    return f"to compare them anyway: --across {reason}" if reason in ACROSS else ""
