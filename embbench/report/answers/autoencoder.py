"""Validation loss is unstable, or overfits at once: what to try? Pieces of advice against a known floor."""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import best, curves_of, end, over_seeds, paired
from embbench.analysis.collapse.measures import Measures
from embbench.cases.learning_curve import LearningCurve
from embbench.plain import one_line
from embbench.report.answers._advice import (
    ADAM,
    BASE,
    INDEPENDENT,
    LAST,
    SCORE,
    TRAINING,
    Group,
    advice_in_brief,
    audited,
    end_of,
    groups_of,
    learning,
    least_excess,
    refuted_in_brief,
    seeds_text,
    steps_text,
    zeros_and_floor,
)
from embbench.report.answers._words import (
    contenders_of,
    deviations,
    everyone,
    listed_with,
    who_holds,
    with_version,
)
from embbench.report.figures import factor_text
from embbench.report.table import Statement
from embbench.stats.effects import separates
from embbench.stats.summary import Summary
from embbench.workloads._autoencoder_claims import (
    AS_IT_COMES,
    AT,
    DECAY,
    DEFAULTS,
    MOVES,
    NEW,
    OLD,
    PENALTY,
    PLACE,
    path,
)

WITH_ADAM = ("adam_low", "scaled", "relu_code", LAST)  # what differs from ADAM in one thing


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = learning(results)
    groups = groups_of(mine)
    texts = [text for group in groups for text in (*_about_base(group), *_about_advice(group), *_on_top(group))]
    texts += [*_about_defaults(audited(results)), *_about_refuted(groups), *_about_rising(groups)]
    texts += [*_about_frameworks(mine), *_about_decay(audited(results)), *_about_floor(mine)]
    return [Statement(text) for text in texts]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    """Of the contender with the most pieces of advice."""
    mine = learning(results)
    group = max(groups_of(mine), key=len, default={})
    told = [*advice_in_brief(group), " ".join(refuted_in_brief(group))]
    ids = tuple(result.case_id for result in results)
    return [Statement(text, (), ids) for text in told if text]


def _about_base(group: Group) -> Iterator[str]:
    """Where the baseline ends, beside an output of zeros."""
    if (base := group.get(BASE)) is None or (left := over_seeds(base, end_of)) is None:
        return
    above = over_seeds(base, lambda curve: _less(end(curve, SCORE), curve.facts["zeros"] - curve.facts["floor"]))
    worse = above is not None and above.low is not None and above.low > 0
    text = (
        f"{with_version(base)}, Adadelta at a rate of {NEW.rate:g}: after {steps_text(base)}, the squared error of "
        f"held-out samples is {factor_text(left)} above the floor"
    )
    yield f"{text}{', more than that of an output of zeros: nothing is learnt yet' if worse else ''}."


def _about_advice(group: Group) -> Iterator[str]:
    """Every piece of advice against the baseline; independent samples have another floor."""
    if (base := group.get(BASE)) is None:
        return
    told = [_against(each, base) for name, each in group.items() if name not in (BASE, INDEPENDENT)]
    if told:
        yield (
            f"{one_line(base.case.contender)}: against {BASE}, the excess over the floor after "
            f"{base.case.train_steps} steps is {'; '.join(told)} ({seeds_text(base)})."
        )


def _on_top(group: Group) -> Iterator[str]:
    """What a piece of advice adds to another optimizer, which may have all the merit."""
    if (adam := group.get(ADAM)) is None:
        return
    told = [_against(group[name], adam) for name in WITH_ADAM if name in group]
    if told:
        yield f"{one_line(adam.case.contender)}: against {ADAM} alone, it is {'; '.join(told)} ({seeds_text(adam)})."


def _against(result: Result, reference: Result) -> str:
    apart, name = paired(result, reference, end_of), one_line(result.case.advice)
    if apart is None or not separates(apart, 0.0):
        return f"{name} cannot tell" if apart is None else f"{name} cannot tell, {factor_text(apart)}"
    higher = apart.center > 0
    return f"{name} {'higher' if higher else 'lower'} by {factor_text(apart if higher else _turned(apart))}"


def _turned(summary: Summary) -> Summary:
    low, high = (None if each is None else -each for each in (summary.high, summary.low))
    return Summary(-summary.center, low, high, summary.n)


def _about_defaults(results: Sequence[Result]) -> Iterator[str]:
    """What an old default means today, and who has which defaults."""
    everybody = contenders_of(results)
    if who := who_holds(results, MOVES[NEW], MOVES[OLD]):
        yield (
            f"A gradient of 1 moves a weight by {path(NEW)[-1]:.4g} in {AT[-1]} steps of Adadelta at a rate of "
            f"{NEW.rate:g}, and by {path(OLD)[-1]:.4g} at a rate of {OLD.rate:g}, the default of January 2019. What "
            f"was advised with the defaults of then trains {OLD.rate / NEW.rate:.0f} times more slowly with those of "
            f"{NEW.rate:g}: {everyone(who, everybody)}."
        )
    if who := who_holds(results, DEFAULTS, AS_IT_COMES):
        yield f"Adadelta's default is a rate of {NEW.rate:g}, rho {NEW.decay:g}, epsilon {NEW.epsilon:g}: " + (
            f"{everyone(who, everybody)}."
        )
    yield from deviations(results, DEFAULTS, AS_IT_COMES)


def _about_refuted(groups: Sequence[Group]) -> Iterator[str]:
    """What no training can mend, by the floor."""
    for group in groups:
        if (last := group.get(LAST)) is not None and (left := over_seeds(last, end_of)) is not None:
            yield (
                f"{one_line(last.case.contender)}: ReLU on the last layer is refuted: without negative numbers, the "
                f"excess is at least {least_excess(last):.2g} for any weights, because samples have both signs; it is "
                f"{factor_text(left)} after {last.case.train_steps} steps."
            )
        if (alone := group.get(INDEPENDENT)) is not None and (ended := over_seeds(alone, end_of)) is not None:
            yield _independent(alone, ended)


def _independent(result: Result, ended: Summary) -> str:
    zeros, floor = zeros_and_floor(result)
    gap = over_seeds(result, _gap)
    beside = "" if gap is None else f", with a gap of {factor_text(gap)} to training samples"
    return (
        f"{one_line(result.case.contender)}: independent samples have nothing to learn: zeros have an error of "
        f"{zeros:.4g}, the best code {floor:.4g}, {100 * (1 - floor / zeros):.0f} % less. "
        f"Held-out samples end {factor_text(ended)} above the best code"
        f"{beside}."
    )


def _gap(curve: LearningCurve) -> float | None:
    return _less(end(curve, SCORE), end(curve, TRAINING))


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _about_rising(groups: Sequence[Group]) -> Iterator[str]:
    """Overfitting, as the curve of held-out samples shows it."""
    every = [result for group in groups for result in group.values()]
    rising = [result for result in every if (_rise(result) or Summary(0, 0, 0, 1)).center > 0]
    if every and not rising:
        yield "So far no training ends above the smallest error of its held-out samples: none needed to stop earlier."
    for result in rising:
        rise = _rise(result)
        assert rise is not None
        yield (
            f"{one_line(result.case.contender)} {one_line(result.case.advice)}: held-out samples end "
            f"{factor_text(rise)} above their smallest error; stop earlier."
        )


def _rise(result: Result) -> Summary | None:
    return over_seeds(result, lambda curve: _less(end(curve, SCORE), getattr(best(curve, SCORE), "value", None)))


def _about_frameworks(results: Sequence[Result]) -> Iterator[str]:
    """The same advice in several frameworks, seed by seed."""
    by_advice: dict[str, list[Result]] = {}
    for result in results:
        by_advice.setdefault(result.case.advice, []).append(result)
    for advice, found in by_advice.items():
        apart = [paired(each, found[0], end_of) for each in found[1:]]
        known = [max(abs(each.low or 0.0), abs(each.high or 0.0)) for each in apart if each is not None]
        if known and len(known) == len(found) - 1:
            who = listed_with(with_version(each) for each in found)
            yield f"{one_line(advice)}: {who} end within {max(known):.1g} of each other, seed by seed."


def _about_decay(results: Sequence[Result]) -> Iterator[str]:
    everybody = contenders_of(results)
    if who := who_holds(results, PENALTY):
        yield f"A penalty of λ·w² adds 2·λ·w to the gradient: {everyone(who, everybody)}."
    if who := who_holds(results, DECAY):
        yield f"Adam with weight decay decouples it from the gradient: {everyone(who, everybody)}."
    yield from deviations(results, PENALTY, DECAY, PLACE)


def _about_floor(results: Sequence[Result]) -> Iterator[str]:
    facts = [curve.facts for each in results if each.case.advice != INDEPENDENT for curve in curves_of(each).values()]
    if facts:
        floors, zeros = ([each[name] for each in facts] for name in ("floor", "zeros"))
        yield (
            f"The best code of these samples has a squared error of {min(floors):.3f} to {max(floors):.3f}, an output "
            f"of zeros {min(zeros):.3f} to {max(zeros):.3f}. The excess is over the best code's, on the same samples."
        )
