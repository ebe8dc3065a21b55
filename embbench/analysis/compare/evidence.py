"""A case and a metric on two sides: the values behind a verdict, and the reasons against it."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from embbench.analysis.collapse.collapse import Result, reason_of
from embbench.analysis.collapse.core_states import core_states, restricted, tells
from embbench.analysis.collapse.drifting import Drift, drifts, is_unsteady
from embbench.analysis.collapse.measures import is_sampled
from embbench.analysis.collapse.per_row import carrying
from embbench.analysis.collapse.undisturbed import is_cut, undisturbed
from embbench.analysis.compare.chance import Equalized, at_equal_chance
from embbench.analysis.compare.comparison import Reason, SideValues
from embbench.analysis.compare.decide import ALPHA, Decided, FoundShift, decide_exact, find_shift
from embbench.analysis.compare.differences import Difference, class_difference, differences
from embbench.analysis.compare.match import Pair, launches
from embbench.cases.metrics import METRICS
from embbench.stats.drift import course
from embbench.stats.effects import alternating_ratio, cycle_ratios
from embbench.stats.hypotheses import interval
from embbench.stats.summary import median, span, summarize
from embbench.store.round import Round

BREAKING = frozenset({"crash", "oom_host", "oom_device", "timeout", "invalid"})
ACROSS = ("twin", "software", "protocol", "class")


class CompareOptions(msgspec.Struct, frozen=True):
    """metrics: metric -> threshold. across: kinds of differences (of ACROSS) that the user compares on purpose. alpha:
    the chance of any false regression.
    """

    metrics: Mapping[str, float]
    across: frozenset[str] = frozenset()
    alpha: float = ALPHA


class Draft(msgspec.Struct, frozen=True):
    """found: a decision, or a shift to decide. cap: the reason that forbids a verdict; '' for none. moving: 'candidate
    round 3: trend', 'launch 3: jump': drifts. equal: the launches at equal chance.
    """

    found: Decided | FoundShift
    base: SideValues | None = None
    candidate: SideValues | None = None
    differences: tuple[Difference, ...] = ()
    cap: str = ""
    paired: bool = False
    moving: tuple[str, ...] = ()
    equal: Equalized | None = None


def draft(pair: Pair, metric: str, options: CompareOptions) -> Draft:
    """The draft of a comparison, before all comparisons are decided together."""
    one, other = (_side(results, metric) for results in (pair.base, pair.candidate))
    standing = _standing(pair)
    if standing is not None or not pair.base or not pair.candidate:
        return Draft(standing or Decided("incomparable", "absent"), one, other)
    base, candidate = pair.base[0], pair.candidate[0]
    together = launches(base, candidate, metric)
    lines = tuple(zip(*together, strict=True)) if together else (_with(base, metric), _with(candidate, metric))
    if not all(lines):
        return Draft(Decided("incomparable", "not-measured"), one, other)
    differ = (*differences(*lines), *class_difference(*lines))
    if metric == "step_time" and not any(each.kind in ("machine", "twin") for each in differ):
        alike = _in_one_state(lines, bool(together))
        if not all(alike):
            return Draft(Decided("incomparable", "states"), one, other, differ, paired=bool(together))
        if alike is not lines or any(is_cut(line) for side in lines for line in side):
            lines = [list(map(undisturbed, side)) for side in alike]
            one, other = (_side([result], metric, side) for result, side in zip((base, candidate), lines, strict=True))
    equal = at_equal_chance(lines) if metric == "step_time" and together and all(map(_took_turns, *lines)) else None
    if equal is not None:
        lines = equal.lines
    # Sides that took turns share machine and protocol, and their versions are compared on purpose.
    waived = options.across | {"machine", "twin", "software", "protocol"} if together else options.across
    if METRICS[metric].treatment.anywhere:
        waived |= {"twin"}
    cap = _capped(differ, waived)
    found = _found(lines, metric, options.metrics[metric], bool(together))
    moving = _moving(lines, metric, bool(together), (one, other))
    if not cap and _failures(candidate) > _failures(base):
        cap = "some-failed"
    cap = cap or ("unsteady" if moving else "")
    return Draft(found, one, other, differ, cap, bool(together), moving, equal)


def _found(lines: Sequence[Sequence[Round]], metric: str, threshold: float, together: bool) -> Decided | FoundShift:
    """The decision or shift. lines: rounds of base and candidate, all with the metric. together: from the same
    launches.
    """
    samples = [[line.metrics[metric].values for line in side] for side in lines]
    base, candidate = ([median(each) for each in side] for side in samples)
    higher = METRICS[metric].better == "higher"
    nothing = METRICS[metric].treatment.counted and 0 in (*base, *candidate)  # such as no page fault
    if not is_sampled(metric) or nothing:
        return decide_exact(base, candidate, threshold, higher)
    usable = together and min(value for side in samples for each in side for value in each) > 0
    ratios = [_ratio(one, other, metric) for one, other in zip(*lines, strict=True)] if usable else []
    return find_shift(base, candidate, threshold, ratios, higher, clock=METRICS[metric].kind == "wall")


def _in_one_state(lines: Sequence[Sequence[Round]], together: bool) -> Sequence[Sequence[Round]]:
    """Both sides with the samples of a single state of the machine: the state that keeps the most rounds of the smaller
    side. Unchanged for a machine with a single state. together: whether the rounds are from the same launches.
    """
    every = [line for side in lines for line in side]
    states = core_states(every)
    if states is None or not all(map(tells, every)):  # a round without states belongs to no state
        return lines
    found = []
    for far in (False, True):
        sides = [[restricted(line, states, far) for line in side] for side in lines]
        if together:
            whole = [each for each in zip(*sides, strict=True) if None not in each]
            sides = [list(side) for side in zip(*whole, strict=True)] or [[], []]
        found.append([[line for line in side if line is not None] for side in sides])
    return max(found, key=lambda sides: min(map(len, sides)))


def _ratio(base: Round, candidate: Round, metric: str) -> float:
    """The ratio of a launch, whose sides took turns, or ran one after the other where memory was short."""
    one, other = base.metrics[metric].values, candidate.metrics[metric].values
    return alternating_ratio(one, other) if _took_turns(base, candidate) else median(other) / median(one)


def _took_turns(base: Round, candidate: Round) -> bool:
    return base.conditions.get("stopped") == candidate.conditions.get("stopped") == "turns"


def _moving(
    lines: Sequence[Sequence[Round]], metric: str, together: bool, sides: Sequence[SideValues | None]
) -> tuple[str, ...]:
    """The drifts, if there are too many for a steady state. For sides that took turns, the drifts of their ratio: a
    drift of both sides cancels.
    """
    if together and all(map(_took_turns, *lines)):
        pairs = ([line.metrics[metric].values for line in both] for both in zip(*lines, strict=True))
        courses = [course(cycle_ratios(*pair)) if min(map(min, pair)) > 0 else None for pair in pairs]
        found = tuple(Drift(at, how) for at, how in enumerate(courses, 1) if how not in (None, "steady"))
        return (
            tuple(f"launch {each.number}: {each.course}" for each in found) if is_unsteady(found, len(courses)) else ()
        )
    named = [(name, side) for name, side in zip(("base", "candidate"), sides, strict=True) if side]
    if not any(is_unsteady(side.unsteady, len(side.values)) for _, side in named):
        return ()
    return tuple(f"{name} round {each.number}: {each.course}" for name, side in named for each in side.unsteady)


def capped(drafted: Draft, decided: Decided) -> Decided:
    """The decision under the draft's cap. An inconclusive decision is capped too, because more launches do not make
    another machine comparable. A regression stays a regression where rounds failed. Sides that seem to differ by page
    faults or waits are not the same.
    """
    if isinstance(drafted.found, FoundShift) and drafted.equal is not None and _hangs_on_chance(drafted, decided):
        largest = max(drafted.equal.unsure, key=lambda kind: abs(drafted.equal.unsure[kind]))
        decided = Decided("inconclusive", cast(Reason, largest), decided.ratio, decided.evidence)
    limited = {"improvement", "same", "inconclusive", *(["regression"] if drafted.cap != "some-failed" else [])}
    if not drafted.cap or decided.verdict not in limited:
        return decided
    verdict = "incomparable" if drafted.cap in ("machine", "class") else "inconclusive"
    ratio = decided.ratio if isinstance(drafted.found, Decided) else interval(drafted.found.shift)
    return Decided(verdict, cast(Reason, drafted.cap), ratio, decided.evidence)


def _hangs_on_chance(drafted: Draft, decided: Decided) -> bool:
    """Whether the subtracted part, which a side may have caused, would change the verdict."""
    assert isinstance(drafted.found, FoundShift)
    assert drafted.equal is not None
    taken = math.fsum(drafted.equal.unsure.values())
    if decided.verdict == "same":
        return abs(taken) > math.log1p(drafted.found.threshold)
    center = math.log(decided.ratio.center) if decided.ratio is not None else 0.0
    return decided.verdict in ("regression", "improvement") and center * (center + taken) < 0


def _standing(pair: Pair) -> Decided | None:
    """The decision that needs no numbers; None where both sides have numbers."""
    if not pair.base or not pair.candidate:
        return Decided("removed" if pair.base else "new", "absent")
    if len(pair.base) > 1 or len(pair.candidate) > 1:
        return Decided("incomparable", "ambiguous")
    base, candidate = pair.base[0], pair.candidate[0]
    if base.status != "ok" and candidate.status != "ok":
        return Decided("incomparable", "both-failed")
    if candidate.status == "ok" and not _failures(base) and _failures(candidate) > len(candidate.rounds) / 2:
        return Decided("broke", "mostly-failed")
    proven = [not any(line.unproven for line in side.good) for side in (base, candidate)]
    if base.status == candidate.status == "ok" and proven[0] != proven[1]:
        return Decided("broke" if proven[0] else "incomparable", "unproven")
    if candidate.status != "ok":
        return Decided("broke" if candidate.status in {*BREAKING, "unsupported"} else "incomparable", "failed")
    if base.status != "ok":
        return Decided("fixed" if base.status in BREAKING else "incomparable", "failed")
    return None


def _with(result: Result, metric: str) -> list[Round]:
    found = (carrying(line, metric) for line in result.good)
    return [line for line in found if line is not None]


def _side(results: Sequence[Result], metric: str, lines: Sequence[Round] | None = None) -> SideValues | None:
    """The values of a side. lines: the rounds that are compared; None for all rounds with the metric."""
    if not results:
        return None
    result = results[0]
    lines = _with(result, metric) if lines is None else lines
    values = tuple(median(line.metrics[metric].values) for line in lines)
    summary = (summarize(values) if is_sampled(metric) else span(values)) if values else None
    return SideValues(result.status, len(result.rounds), values, summary, reason_of(result), drifts(lines, metric))


def _capped(differ: Sequence[Difference], across: frozenset[str]) -> str:
    """The kind of the first difference that forbids a verdict; '' for none."""
    return next((each.kind for each in differ if each.capping and each.kind not in across), "")


def _failures(result: Result) -> int:
    return sum(line.status in BREAKING for line in result.rounds)
