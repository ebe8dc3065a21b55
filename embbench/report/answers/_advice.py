"""Groups of results that differ in the advice to an autoencoder, and their first screen."""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import curves_of, end, over_seeds, paired
from embbench.cases.case import AXES
from embbench.cases.learning_curve import LearningCurve
from embbench.cases.workload_axes import WORKLOAD_AXES
from embbench.plain import one_line
from embbench.stats.effects import separates
from embbench.workloads._autoencoder_claims import (
    NEW,
    OLD,
)

SCORE, TRAINING = "excess", "training"
BASE, YEAR_2019, ADAM, LAST, INDEPENDENT = "adadelta", "adadelta_2019", "adam", "relu_last", "independent"
ORDER = {advice: place for place, advice in enumerate(WORKLOAD_AXES["advice"].choices)}

Group = dict[str, Result]  # advice -> result


def audited(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "autoencoder" and result.audited]


def learning(results: Sequence[Result]) -> list[Result]:
    return [result for result in audited(results) if curves_of(result)]


def groups_of(results: Sequence[Result]) -> list[Group]:
    """Results that differ in the advice only."""
    found: dict[tuple[object, ...], Group] = {}
    for result in sorted(results, key=lambda each: ORDER.get(each.case.advice, len(ORDER))):
        axes = tuple(getattr(result.case, axis) for axis in AXES if axis != "advice")
        found.setdefault(axes, {})[result.case.advice] = result
    return list(found.values())


def end_of(curve: LearningCurve) -> float | None:
    return end(curve, SCORE)


def advice_in_brief(group: Group) -> Iterator[str]:
    """Centers only; the answer has the intervals."""
    if (base := group.get(BASE)) is None or (left := over_seeds(base, end_of)) is None:
        return
    told = [_center(each, base) for name, each in group.items() if name not in (BASE, INDEPENDENT)]
    if told:
        yield (
            f"{one_line(base.case.contender)}: with {BASE}, the excess over the floor is {left.center:.3g} after "
            f"{steps_text(base)}; against it, {', '.join(told)}."
        )
    if YEAR_2019 in group:
        yield (
            f"Adadelta's default rate was {OLD.rate:g} in January 2019; where it is {NEW.rate:g} today, give a rate."
        )


def _center(result: Result, reference: Result) -> str:
    apart, name = paired(result, reference, end_of), one_line(result.case.advice)
    return f"{name} {apart.center:+.2f}" if apart is not None and separates(apart, 0.0) else f"{name} cannot tell"


def refuted_in_brief(group: Group) -> Iterator[str]:
    if LAST in group:
        least = least_excess(group[LAST])
        yield f"Refuted: ReLU on the last layer (an excess of at least {least:.2g} for any weights)."
    if INDEPENDENT in group:
        zeros, floor = zeros_and_floor(group[INDEPENDENT])
        yield f"Independent samples have nothing to learn (error of zeros {zeros:.4g}, of the best code {floor:.4g})."


def least_excess(result: Result) -> float:
    """The excess of the best output without negative numbers."""
    return min(curve.facts["positive"] - curve.facts["floor"] for curve in curves_of(result).values())


def zeros_and_floor(result: Result) -> list[float]:
    facts = [curve.facts for curve in curves_of(result).values()]
    return [sum(each[name] for each in facts) / len(facts) for name in ("zeros", "floor")]


def steps_text(result: Result) -> str:
    return f"{result.case.train_steps} steps ({seeds_text(result)})"


def seeds_text(result: Result) -> str:
    return f"{len(curves_of(result))} seeds"
