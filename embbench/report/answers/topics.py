"""Is an epoch slower, or does the training need more of them? Steps to a target, and the time of a step. What does a
partly trainable table learn? (`_splits`)
"""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import (
    CurveNumber,
    arrival,
    best,
    curves_of,
    end,
    over_seeds,
    paired,
    paired_ratio,
)
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import AXES
from embbench.cases.semantics import rows_of
from embbench.cases.units import format_count
from embbench.plain import one_line
from embbench.report.answers._learnt_texts import (
    EXCESS,
    about_own,
    about_planted,
    last,
    lowest,
    score_of,
    texts_of,
)
from embbench.report.answers._splits import about_splits
from embbench.report.answers._words import contenders_of, everyone, with_version
from embbench.report.figures import factor_text, whole_text
from embbench.report.table import Statement
from embbench.stats.effects import product, separates
from embbench.stats.summary import Summary
from embbench.workloads._planted_worth import BANDS

TIME, TRAINING = "step_time", "training"
HALF = 0.5  # of the first excess or loss: the target
DEFAULT, ADAM = "default", "adam"
PATH = ("update", "optimizer")  # axes in which the results of a group differ


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    groups = list(_groups(results))
    learnt = [result for group in groups for result in group]
    kinds = (
        [text for group in groups for text in _about_steps(group, measures)],
        [text for group in groups for text in _about_bands(group)],
        [text for group in groups for text in _about_stopping(group)],
        [*about_splits(results, measures)],
        [*_about_frameworks(results)],
        [*about_planted(learnt)],
        [*about_own(learnt)],
    )
    texts = [kind[0] for kind in kinds if kind]  # the first screen has the first sentences
    return [Statement(text) for text in (*texts, *(text for kind in kinds for text in kind[1:]))]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    groups = list(_groups(results))
    told = list(about_splits(results, measures))[:2]
    told += [next(_about_steps(group, measures), "") for group in groups if len(group) > 1][:1]
    told += [next((text for group in groups for text in _about_bands(group)), "")]
    told += [next((text for group in groups for text in _about_stopping(group)), "")]
    ids = tuple(result.case_id for result in results)
    return [Statement(text, (), ids) for text in told if text]


def _groups(results: Sequence[Result]) -> Iterator[list[Result]]:
    """Results with learning curves that differ in PATH only, the default first, where there is a default. Groups with
    most texts come first: few texts mix the steps to a target with overfitting.
    """
    by_size: dict[tuple[object, ...], list[Result]] = {}
    for result in results:
        if result.audited and curves_of(result) and result.case.workload == "topics":
            sizes = tuple(getattr(result.case, axis) for axis in AXES if axis not in PATH)
            by_size.setdefault(sizes, []).append(result)
    for group in sorted(by_size.values(), key=lambda group: -group[0].case.texts):
        yield sorted(group, key=lambda each: (each.case.table, each.case.update, each.case.optimizer) != _FIRST)


_FIRST = ("trainable", DEFAULT, ADAM)


def _about_steps(group: Sequence[Result], measures: Measures) -> Iterator[str]:
    first, *others = group
    if first.case.pretrained != "no":
        return  # `about_splits` compares these
    steps = over_seeds(first, _arrival_at(first))
    if steps is None:
        yield f"{_name(first)}: half of the {score_of(first)} is not gone in all seeds ({_reached(first)})."
        return
    text = f"{_name(first)}: half of the {score_of(first)} is gone after {whole_text(steps)} steps"
    for other in others:
        text += f"; {_against(other, first, measures)}"
    yield f"{text} ({_told(first)})."


def _against(other: Result, first: Result, measures: Measures) -> str:
    more = paired_ratio(other, first, _arrival_at(first))
    if more is None:
        return f"{_path(other)}: {_reached(other)}"
    text = f"{_path(other)} needs {_factor(more)} times the steps"
    longer = measures.ratio(other, first, TIME)
    whole = None if longer is None else product(more, longer)
    if longer is None or whole is None:
        return text
    return f"{text}, each {factor_text(longer)} times as long: {factor_text(whole)} times the time"


def _arrival_at(result: Result) -> CurveNumber:
    return lambda curve: arrival(curve, score_of(result), HALF).by


def _reached(result: Result) -> str:
    curves = curves_of(result).values()
    there = sum(_arrival_at(result)(curve) is not None for curve in curves)
    return f"reached in {there} of {len(curves)} seeds within {max(curve.steps[-1] for curve in curves)} steps"


def _factor(ratio: Summary) -> str:
    return factor_text(ratio) + ("" if separates(ratio, 1.0) is not False else " (no difference is shown)")


def _about_bands(group: Sequence[Result]) -> Iterator[str]:
    """Where the update of rows differs: what it changes for rare words."""
    first = group[0]
    for other in group[1:]:
        if rows_of(other.semantic) == rows_of(first.semantic):
            continue
        parts = []
        for band in BANDS:
            apart = paired(other, first, lambda curve, band=band: end(curve, f"{EXCESS}_{band}"))
            if apart is not None:
                parts.append(f"{band} {_signed(apart)}")
        if parts:
            yield (
                f"After {_last(first)} steps, {one_line(first.case.contender)} {_path(other)} is worse than "
                f"{_path(first)} by so many nats, by keywords: {', '.join(parts)}."
            )


def _about_stopping(group: Sequence[Result]) -> Iterator[str]:
    """Where texts repeat: the gap to training texts, and what an earlier stop gains."""
    for result in group:
        if not _repeats(result):
            continue
        score = score_of(result)
        gap = over_seeds(result, lambda curve: _difference(last(curve), end(curve, TRAINING)))
        gain = over_seeds(result, lambda curve: _difference(last(curve), lowest(curve)))
        step = over_seeds(result, lambda curve, score=score: getattr(best(curve, score), "step", None))
        if gap is None or gain is None or step is None:
            continue
        yield (
            f"{one_line(result.case.contender)} {_path(result)} with {format_count(texts_of(result))} texts: held-out "
            f"texts end {factor_text(gap)} nats worse than training texts, and are best at step {whole_text(step)}; "
            f"stopping there gains {factor_text(gain)} nats."
        )


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _about_frameworks(results: Sequence[Result]) -> Iterator[str]:
    """Contenders with the same arithmetic, at the same sizes: how far apart they end."""
    alike: dict[tuple[object, ...], list[Result]] = {}
    for group in _groups(results):
        for result in group:
            axes = tuple(getattr(result.case, axis) for axis in AXES if axis not in ("contender", "update"))
            alike.setdefault((*axes, result.semantic), []).append(result)
    for found in alike.values():
        apart = [paired(each, found[0], last) for each in found[1:]]
        known = [max(abs(each.low or 0.0), abs(each.high or 0.0)) for each in apart if each is not None]
        if known and len(known) == len(found) - 1 and len(contenders_of(found)) > 1:
            who = everyone(contenders_of(found), contenders_of(results))
            yield f"{who} ({found[0].semantic}) end within {max(known):.2g} nats of each other, seed by seed."


def _name(result: Result) -> str:
    path = f" {_path(result)}" if _path(result) != DEFAULT else ""
    few = f", {format_count(texts_of(result))} texts" if _repeats(result) else ""
    return f"{with_version(result)}{path}{few}"


def _repeats(result: Result) -> bool:
    """Whether texts train more than once."""
    return texts_of(result) < result.case.train_steps * result.case.batch


def _path(result: Result) -> str:
    case = result.case
    other = [case.optimizer] if case.optimizer != ADAM else []
    return one_line(" ".join([case.table if case.update == "none" else case.update, *other]))


def _last(result: Result) -> int:
    return max(curve.steps[-1] for curve in curves_of(result).values())


def _told(result: Result) -> str:
    return f"{len(curves_of(result))} seeds"


def _signed(summary: Summary) -> str:
    text = factor_text(summary)
    return ("+" if summary.center > 0 else "") + text + ("" if separates(summary, 0.0) is not False else " (not shown)")
