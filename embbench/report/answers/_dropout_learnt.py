"""What dropout and an L2 penalty do for an LSTM that trains on few samples again and again."""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import CurveNumber, best, curves_of, end, over_seeds, paired
from embbench.cases.case import AXES
from embbench.cases.learning_curve import LearningCurve
from embbench.plain import one_line
from embbench.report.answers._learnt_texts import EXCESS, last, lowest
from embbench.report.answers._words import with_version
from embbench.report.figures import factor_text, whole_text
from embbench.stats.effects import separates

TRAINING, OFF, NO = "training", "off", "no"
REMEDIES = ("dropout", "l2")  # axes in which the results of a group differ


def learning(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.audited and curves_of(result)]


def about_learning(results: Sequence[Result]) -> Iterator[str]:
    for plain, others in _groups(results):
        yield from _about_overfitting(plain)
        if others:
            name, steps = one_line(plain.case.contender), f"{plain.case.train_steps} steps"
            yield f"{name}, LSTM, excess after {steps} against no remedy: {_effects(others, plain, last)}."
            yield f"{name}, LSTM, each at its own best of these steps: {_effects(others, plain, lowest)}."


def in_brief(results: Sequence[Result]) -> Iterator[str]:
    """Of the contender with the most remedies, without intervals, which stand in the answer."""
    for plain, others in sorted(_groups(results), key=lambda each: -len(each[1]))[:1]:
        if others:
            by = {"dropout of": [each for each in others if each.case.l2 == NO]}
            by[""] = [each for each in others if each.case.l2 != NO]
            kinds = [f"{what} {_effects(some, plain, last, short=True)}".strip() for what, some in by.items() if some]
            yield f"LSTM, excess by {'; by '.join(kinds)}."


def _groups(results: Sequence[Result]) -> list[tuple[Result, list[Result]]]:
    """Per contender and sizes: the result without a remedy, and the others."""
    by_size: dict[tuple[object, ...], list[Result]] = {}
    for result in learning(results):
        by_size.setdefault(tuple(getattr(result.case, axis) for axis in AXES if axis not in REMEDIES), []).append(
            result
        )
    found = []
    for group in by_size.values():
        plain = [each for each in group if (each.case.dropout, each.case.l2) == (OFF, NO)]
        if plain:
            found.append((plain[0], [each for each in group if each is not plain[0]]))
    return found


def _about_overfitting(plain: Result) -> Iterator[str]:
    ends, low, trained = (over_seeds(plain, each) for each in (last, lowest, _trained))
    step = over_seeds(plain, lambda curve: getattr(best(curve, EXCESS), "step", None))
    if ends is not None and low is not None and trained is not None and step is not None:
        yield (
            f"{with_version(plain)}, an LSTM on {plain.case.samples} samples again and again: the excess of held-out "
            f"samples is smallest at step {whole_text(step)}, {factor_text(low)} nats. After {plain.case.train_steps} "
            f"steps ({len(curves_of(plain))} seeds) it is {factor_text(ends)}, and that of training samples "
            f"{factor_text(trained)}: below 0, it learns their noise."
        )


def _trained(curve: LearningCurve) -> float | None:
    return end(curve, TRAINING)


def _effects(others: Sequence[Result], plain: Result, value: CurveNumber, short: bool = False) -> str:
    """Remedy and difference within seeds, the best first."""
    known = [(each, apart) for each in others if (apart := paired(each, plain, value)) is not None]
    parts = []
    for each, apart in sorted(known, key=lambda pair: pair[1].center):
        text = f"{apart.center:+.2g}" if short or apart.low is None else (
            f"{apart.center:+.2g} ({apart.low:+.2g} to {apart.high:+.2g})"
        )  # fmt: skip
        parts.append(f"{_remedy(each, short)} {text if separates(apart, 0.0) else 'cannot tell'}")
    return ", ".join(parts)


def _remedy(result: Result, short: bool) -> str:
    case = result.case
    names = [case.dropout if short else f"{case.dropout} dropout"] if case.dropout != OFF else []
    return one_line(" and ".join([*names, *([f"L2 of {case.l2}"] if case.l2 != NO else [])]))
