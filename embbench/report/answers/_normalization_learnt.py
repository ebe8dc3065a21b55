"""What norms do to held-out losses, from learning curves: a setting is taken at its best rate of learning."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import curves_of, end, over_seeds
from embbench.report.answers._words import listed_with, with_version
from embbench.stats.effects import separates
from embbench.stats.summary import Summary, summarize_differences
from embbench.workloads._normalization_expected import RARE_ONES, RATES, excess_at, own_at

OFF = "off"


class Learnt(NamedTuple):
    """The end of a setting's curves at a rate: medians over seeds, in nats. own: with the held-out samples' own
    statistics; None without batch norm.
    """

    norm: str
    rate: float
    excess: Summary
    rare: Summary | None
    own: Summary | None
    result: Result

    def ends(self, which: str = "") -> dict[int, float | None]:
        """Seed -> excess. which: as for `excess_at`."""
        return {seed: end(curve, excess_at(self.rate, which)) for seed, curve in curves_of(self.result).items()}


def at_rate(result: Result, rate: float) -> Learnt | None:
    """None without curves, or where a loss is not finite."""
    excess, rare = (
        over_seeds(result, lambda curve, of=which: end(curve, excess_at(rate, of))) for which in ("", RARE_ONES)
    )
    own = over_seeds(result, lambda curve: curve.facts.get(own_at(rate)))
    return None if excess is None else Learnt(result.case.norm, rate, excess, rare, own, result)


def at_best(result: Result) -> Learnt | None:
    """At the rate with the smallest excess."""
    found = [learnt for rate in RATES if (learnt := at_rate(result, rate)) is not None]
    return min(found, key=lambda each: each.excess.center, default=None)


def difference(one: Learnt, other: Learnt, which: str = "") -> Summary | None:
    """one - other within seeds, each at its own rate."""
    firsts, seconds = one.ends(which), other.ends(which)
    pairs = [(firsts[seed], seconds[seed]) for seed in firsts if seed in seconds]
    numbers = [first - second for first, second in pairs if first is not None and second is not None]
    return summarize_differences(numbers) if numbers and len(numbers) == len(pairs) else None


def shown(differences: dict[str, Summary]) -> str:
    """'batch_dense at 0.1 -0.031 (-0.040 to -0.020) and batch_before at 0.3 cannot tell (+0.002, -0.010 to +0.015)'"""
    return listed_with(f"{name} {_signed(each)}" for name, each in differences.items())


def _signed(change: Summary) -> str:
    if change.low is None or change.high is None:
        return f"{change.center:+.3f}, one seed"
    span = f"{change.low:+.3f} to {change.high:+.3f}"
    return f"{change.center:+.3f} ({span})" if separates(change, 0.0) else f"cannot tell ({change.center:+.3f}, {span})"


def differences(group: Sequence[Result], rate: float | None = None, which: str = "") -> dict[str, Summary]:
    """Norm -> change of the excess against no norm, within seeds. group: of a contender and size, the result without a
    norm first. rate: of both; None for the best rate of each, which the norm's name then has: 'batch_after at 0.1'.
    """
    learnt = [at_best(each) if rate is None else at_rate(each, rate) for each in group]
    plain, found = learnt[0], {}
    for each in learnt[1:]:
        change = None if each is None or plain is None else difference(each, plain, which)
        if each is not None and change is not None:
            found[f"{each.norm} at {each.rate:g}" if rate is None else each.norm] = change
    return found


def about_learning(group: Sequence[Result]) -> Iterator[str]:
    """Sentences about a group, see `differences`."""
    plain, best = at_best(group[0]), differences(group)
    if plain is None or not best:
        return
    case, seeds = group[0].case, len(curves_of(group[0]))
    rates = listed_with((f"{rate:g}" for rate in RATES), "or")
    start = f"{with_version(group[0])}, {case.train_steps} steps of SGD on samples that never repeat"
    yield (
        f"{start}: without a norm, the held-out loss is {plain.excess.center:.3f} nats above the best possible "
        f"({seeds} seeds; at its best rate of {rates}, which is {plain.rate:g}). A norm at its own best rate changes "
        f"this by: {shown(best)}."
    )
    if slow := differences(group, RATES[0]):
        yield (
            f"At rate {RATES[0]:g} for all, a norm changes it by: {shown(slow)}. A gain that is smaller at the best "
            f"rates is the gain of a larger rate, which costs nothing."
        )
    if rare := differences(group, which=RARE_ONES):
        yield f"For categories of p < 0.01 alone, at the best rates, a norm changes it by: {shown(rare)} nats."
    yield from _about_moving(group)


def _about_moving(group: Sequence[Result]) -> Iterator[str]:
    found = [learnt for each in group if (learnt := at_best(each)) is not None and learnt.own is not None]
    told = [f"{each.norm} {each.excess.center - each.own.center:+.3f}" for each in found if each.own is not None]
    if told:
        yield (
            f"Moving statistics in place of the held-out samples' own add to the excess: {listed_with(told)} nats. No "
            f"sample repeats, so this gap is not overfitting."
        )
