"""A regression overfits at once: which remedy helps, and by how much?"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import CurveNumber, best, curves_of, end, over_seeds, paired
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import AXES
from embbench.cases.learning_curve import LearningCurve
from embbench.plain import one_line
from embbench.report.answers._words import contenders_of, everyone, listed_with, who_holds, with_version
from embbench.report.figures import factor_text, whole_text
from embbench.report.table import Statement
from embbench.stats.effects import separates
from embbench.stats.summary import Summary, summarize_differences
from embbench.workloads._regression_plan import L2, LAST_ROWS, TRAINING, VALIDATION

SCORE, TRAINED, VALIDATED = "excess", "training", "validation"
OFF = "off"
# Remedy -> how it is advised.
ADVICE = {
    "fewer_units": "fewer units (8 and 8)",
    "l2": f"L2 of {L2['l2']:g}",
    "strong_l2": f"L2 of {L2['strong_l2']:g}",
    "weight_decay": "weight decay of 0.01",
    "dropout": "dropout of half of the units",
    "more_samples": "16 times as many samples",
    "slower": "a tenth of the rate",
    "faster": "ten times the rate",
    "sgd": "SGD instead of Adam",
    "raw_inputs": "inputs that are not scaled",
}


class RemedyEffect(NamedTuple):
    """name: of the remedy in words. apart: difference of the excess within seeds; None: no number."""

    name: str
    apart: Summary | None


class RemedyGroup(NamedTuple):
    """Results of a contender and size. plain: without a remedy. others: with one, or with another batch size."""

    plain: Result
    others: list[Result]


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _learning(results)
    groups = _groups(mine)
    told = [group for group in groups if group.others] or groups[:1]  # the others end as these do
    texts = [text for group in told for text in (*_about_overfitting(group), *_about_remedies(group))]
    texts += [text for group in told for text in (*_about_stopping(group), *_about_validation(group))]
    texts += [*_about_split(results), *_about_frameworks(groups), *_about_floor(mine)]
    return [Statement(text) for text in texts]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    """Of the contender with the most remedies."""
    groups = sorted(_groups(_learning(results)), key=lambda each: -len(each.others))[:1]
    ids = tuple(result.case_id for result in results)
    return [Statement(text, (), ids) for each in groups for text in _in_brief(each)]


def _learning(results: Sequence[Result]) -> list[Result]:
    return [each for each in results if each.case.workload == "regression" and each.audited and curves_of(each)]


def _groups(results: Sequence[Result]) -> list[RemedyGroup]:
    """The usual batch size is the one with the most results."""
    found: dict[tuple[object, ...], list[Result]] = {}
    for result in results:
        axes = tuple(getattr(result.case, axis) for axis in AXES if axis not in ("remedy", "batch"))
        found.setdefault(axes, []).append(result)
    groups = []
    for each in found.values():
        batches = [result.case.batch for result in each]
        usual = max(batches, key=batches.count)
        plain = [result for result in each if result.case.remedy == OFF and result.case.batch == usual]
        if plain:
            groups.append(RemedyGroup(plain[0], [result for result in each if result is not plain[0]]))
    return groups


def _end(curve: LearningCurve) -> float | None:
    return end(curve, SCORE)


def _lowest(curve: LearningCurve) -> float | None:
    return getattr(best(curve, SCORE), "value", None)


def _stopped(curve: LearningCurve) -> float | None:
    """The excess where the validation loss is smallest."""
    found = best(curve, VALIDATED)
    return None if found is None else curve.scores[SCORE][curve.steps.index(found.step)]


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _difference(result: Result, values: Sequence[float | None]) -> Summary | None:
    numbers = [each for each in values if each is not None]
    return summarize_differences(numbers) if numbers and len(numbers) == len(curves_of(result)) else None


def _about_overfitting(group: RemedyGroup) -> Iterator[str]:
    """Where the excess is smallest, and what it is in the end."""
    plain = group.plain
    last, low, trained = (over_seeds(plain, each) for each in (_end, _lowest, lambda curve: end(curve, TRAINED)))
    step = over_seeds(plain, lambda curve: getattr(best(curve, SCORE), "step", None))
    if last is None or low is None or trained is None or step is None:
        return
    yield (
        f"{with_version(plain)} without a remedy: the excess of held-out samples is smallest at step "
        f"{whole_text(step)}, {factor_text(low)}. After {_told(plain)} it is {factor_text(last)}, and that of training "
        f"samples {_signed(trained)}: below 0, it learns their noise."
    )


def _effects(group: RemedyGroup, value: CurveNumber) -> list[RemedyEffect]:
    """Of `value`, the best first."""
    effects = []
    for other in group.others:
        usual = other.case.batch == group.plain.case.batch
        name = ADVICE.get(other.case.remedy, one_line(other.case.remedy)) if usual else f"batches of {other.case.batch}"
        effects.append(RemedyEffect(name, paired(other, group.plain, value)))
    return sorted(effects, key=lambda each: 0.0 if each.apart is None else each.apart.center)


def _about_remedies(group: RemedyGroup) -> Iterator[str]:
    """After all steps, and each at its own best place: a slower training overfits later, but does it overfit less?"""
    if group.others:
        name = one_line(group.plain.case.contender)
        yield f"{name}, excess after {_told(group.plain)} against no remedy: {_sorted(_effects(group, _end), _signed)}."
        yield f"{name}, each at its own best of these steps: {_sorted(_effects(group, _lowest), _signed)}."
        if delayed := [each for each in _helping(group, _end) if each not in _helping(group, _lowest)]:
            yield f"Help at the end only, as an earlier stop does: {listed_with(delayed)}."


def _helping(group: RemedyGroup, value: CurveNumber) -> list[str]:
    effects = [(each.name, each.apart) for each in _effects(group, value) if each.apart is not None]
    return [name for name, apart in effects if separates(apart, 0.0) and apart.center < 0]


def _in_brief(group: RemedyGroup) -> Iterator[str]:
    """Without intervals, which stand in the answer."""
    if group.others:
        effects = _sorted(_effects(group, _end), lambda apart: f"{apart.center:+.2g}")
        yield f"Excess after {group.plain.case.train_steps} steps against no remedy: {effects}."
    yield from (text.partition("; at the best")[0].removesuffix(".") + "." for text in _about_stopping(group))


def _sorted(effects: Sequence[RemedyEffect], text: Callable[[Summary], str]) -> str:
    """By verdict. text: of an effect."""
    known = [(each.name, each.apart) for each in effects if each.apart is not None]
    shown = [(name, apart) for name, apart in known if separates(apart, 0.0)]
    kinds = {
        "helps": [f"{name} {text(apart)}" for name, apart in shown if apart.center < 0],
        "hurts": [f"{name} {text(apart)}" for name, apart in shown if apart.center > 0],
        "cannot tell": [f"{name} {text(apart)}" for name, apart in known if not separates(apart, 0.0)],
        "no number": [each.name for each in effects if each.apart is None],
    }
    return "; ".join(f"{kind}: {', '.join(texts)}" for kind, texts in kinds.items() if texts)


def _about_stopping(group: RemedyGroup) -> Iterator[str]:
    """What stopping gains where the loss is smallest, by the few samples of validation and at the best place."""
    plain, curves = group.plain, curves_of(group.plain).values()
    stopped, ideal = (
        _difference(plain, [_less(stop(curve), _end(curve)) for curve in curves]) for stop in (_stopped, _lowest)
    )
    if stopped is None or ideal is None:
        return
    verdict = "" if separates(stopped, 0.0) else " (cannot tell)"
    yield (
        f"{one_line(plain.case.contender)}: early stopping by {VALIDATION} validation samples changes the excess by "
        f"{_signed(stopped)}{verdict}; at the best place it would be {_signed(ideal)}."
    )


def _about_validation(group: RemedyGroup) -> Iterator[str]:
    """How far off a tenth of the samples is, and how often it shows the right sign of an effect, seed by seed."""
    error = over_seeds(group.plain, lambda curve: curve.facts.get(f"standard_error_{VALIDATED}"))
    if error is None:
        return
    right = [each for other in group.others for each in _signs(other, group.plain)]
    text = f"The loss of {VALIDATION} validation samples, a tenth, has a standard error of {factor_text(error)}"
    if right:
        text += (
            f"; of one training without and one with a remedy that helps or hurts, it shows the right one as better in "
            f"{sum(right)} of {len(right)} comparisons"
        )
    yield f"{text}."


def _signs(result: Result, plain: Result) -> list[bool]:
    """Whether the validation loss has the sign of the effect, by seed; [] for an effect that is not shown."""
    apart = paired(result, plain, _end)
    if apart is None or not separates(apart, 0.0):
        return []
    ones, others = curves_of(result), curves_of(plain)
    pairs = [(end(ones[seed], VALIDATED), end(others[seed], VALIDATED)) for seed in ones if seed in others]
    return [(one - other) * apart.center > 0 for one, other in pairs if one is not None and other is not None]


def _about_split(results: Sequence[Result]) -> Iterator[str]:
    mine = [each for each in results if each.case.workload == "regression" and each.audited]
    if who := who_holds(mine, LAST_ROWS):
        yield (
            f"validation_split takes the last samples, as they come, before any shuffling: {listed_with(who)}. Shuffle "
            "sorted samples before."
        )


def _about_frameworks(groups: Sequence[RemedyGroup]) -> Iterator[str]:
    """How far contenders end from each other without a remedy."""
    if len(groups) < 2:
        return
    first = groups[0].plain
    apart = [paired(each.plain, first, _end) for each in groups[1:]]
    ends = [max(abs(each.low or 0.0), abs(each.high or 0.0)) for each in apart if each is not None]
    if len(ends) == len(apart):
        who = contenders_of(each.plain for each in groups)
        yield f"Without a remedy, {everyone(who, who)} end within {max(ends):.1g} of each other, seed by seed."


def _about_floor(results: Sequence[Result]) -> Iterator[str]:
    curves = [curve for result in results for curve in curves_of(result).values()]
    if curves:
        floors, means = ([curve.facts[name] for curve in curves] for name in ("floor", "of_mean"))
        yield (
            f"The excess is the squared error over the noise of the same held-out samples, {min(floors):.2f} to "
            f"{max(floors):.2f}, which nothing predicts; their variance is {min(means):.2f} to {max(means):.2f}. "
            f"{TRAINING} samples train, {VALIDATION} validate."
        )


def _told(result: Result) -> str:
    return f"{result.case.train_steps} steps ({len(curves_of(result))} seeds)"


def _signed(summary: Summary) -> str:
    """'-0.31 (-0.35 to -0.28)'"""
    text = f"{summary.center:+.2g}"
    return text if summary.low is None else f"{text} ({summary.low:+.2g} to {summary.high:+.2g})"
