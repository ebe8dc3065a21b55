"""How to reject what belongs to no class?"""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.learning_curves import curves_of, end, paired
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.plain import one_line
from embbench.report.answers._unknown_learnt import (
    FAR,
    NEAR,
    OUTPUTS,
    SOFTMAX,
    about_errors,
    about_extra_class,
    about_kinds,
    about_rules,
    about_softmax,
    about_unknown_words,
    compared,
    points_text,
    ranking,
    share_text,
)
from embbench.report.answers._words import (
    contenders_of,
    deviations,
    everyone,
    listed_with,
    seconds_text,
    who_holds,
    with_version,
)
from embbench.report.figures import factor_text
from embbench.report.table import Statement
from embbench.stats.effects import separates
from embbench.workloads._unknown_expected import (
    BEYOND_COMPILED,
    BEYOND_RAISES,
    BEYOND_READS,
    BEYOND_TAKES,
    HASHED,
    HASHED_MASKED,
    LAYER_OF_MODEL,
    LOOKED_UP,
    LOOKED_UP_MASKED,
    NEGATIVE_RAISES,
    NOTHING_LEFT,
    NUMBER_BUCKETS,
    PADDING_ROW,
    PADDING_STEPS,
    RESERVED,
    SWALLOWED,
    WITHOUT_MASK,
    WORD_BUCKETS,
)
from embbench.workloads._unknown_scores import accepted, misordered

TIME = "step_time"
SIZES = ("contender", "hidden", "batch", "seq", "train_steps", "device", "threads", "runtime")


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _mine(results)
    groups = list(_groups(mine))
    texts = []
    if groups and curves_of(groups[0][0]):
        for about in (about_errors, about_kinds, about_unknown_words, about_extra_class, about_softmax, about_rules):
            texts += list(about(groups[0]))
        texts += [*_about_floor(groups[0]), *_about_longer(groups), *_about_others(groups)]
    texts += [text for group in groups for text in _cost_of(group, measures)]
    return [Statement(text) for text in (*texts, *_about_words(mine), *_about_masks(mine), *_about_rows(mine))]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _mine(results)
    groups = list(_groups(mine))
    others = tuple(each.case_id for each in mine)
    told: list[Statement] = []
    if groups and curves_of(groups[0][0]):
        ids = tuple(each.case_id for each in groups[0])
        texts = [_shortly(groups[0]), next(about_extra_class(groups[0]), "")]
        told += [Statement(text, ids) for text in texts if text]
    return [*told, *(Statement(text, (), others) for text in _masks_in_brief(mine))][:3]


def _mine(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "unknown_class" and result.audited]


def _groups(mine: Sequence[Result]) -> list[list[Result]]:
    """Results of a contender and size, without an extra class first; the contender with the most kinds first."""
    by_size: dict[tuple[object, ...], list[Result]] = {}
    for result in mine:
        by_size.setdefault(tuple(getattr(result.case, axis) for axis in SIZES), []).append(result)
    groups = [sorted(group, key=lambda each: list(OUTPUTS).index(each.case.reject)) for group in by_size.values()]
    return sorted(groups, key=lambda group: (bool(curves_of(group[0])), len(group)), reverse=True)


def _shortly(group: Sequence[Result]) -> str:
    told = []
    for kind in (FAR, NEAR):
        ranked = ranking(group, kind)
        if len(ranked) > 1:
            best, share = ranked[0]
            alike, _ = compared(ranked, kind)
            scores = "1 other score" if len(alike) == 1 else f"{len(alike)} other scores"
            also = f", which cannot be told from {scores}" if alike else ""
            told.append(f"of {kind} texts, {best.text} accepts the fewest, {share_text(share)}{also}")
    return f"{one_line(group[0].case.contender)}, where 95 % of known texts are accepted: {'; '.join(told)}."


def _about_floor(group: Sequence[Result]) -> Iterator[str]:
    curves = [curve for result in group for curve in curves_of(result).values()]
    worst = max(curve.facts["beyond_floor"] for curve in curves)
    wrong = [curve.facts[f"floor_{misordered(NEAR, 'best')}"] for curve in curves]
    yield (
        f"The likelihood ratio of the generator of the texts is the best possible score: its AUROC on near texts is "
        f"{1 - max(wrong):.3f} to {1 - min(wrong):.3f}. No score of a model exceeds it by more than {worst:.1f} "
        f"standard errors."
    )


def _about_others(groups: Sequence[Sequence[Result]]) -> Iterator[str]:
    """Whether other contenders accept as much as the first: same texts and initial weights."""
    first = {each.case.reject: each for each in groups[0]}
    score = accepted(FAR, "energy")
    apart, same = [], []
    alike = [group for group in groups[1:] if group[0].case.train_steps == groups[0][0].case.train_steps]
    for result in (each for group in alike for each in group):
        reference = first.get(result.case.reject)
        more = None if reference is None else paired(result, reference, lambda curve: end(curve, score))
        if more is not None:
            name = f"{one_line(result.case.contender)} with {OUTPUTS[result.case.reject]}"
            shown = separates(more, 0.0)
            (apart if shown else same).append(f"{name} by {points_text(more)}" if shown else name)
    name = one_line(groups[0][0].case.contender)
    if same:
        yield f"Far texts that the energy accepts, seed by seed: cannot tell from {name}: {listed_with(same)}."
    if apart:
        yield f"Far texts that the energy accepts, seed by seed, differ from {name}: {listed_with(apart)}."


def _about_longer(groups: Sequence[Sequence[Result]]) -> Iterator[str]:
    """Trainings of the first contender with another number of steps."""
    first = groups[0][0].case
    for group in groups[1:]:
        case = group[0].case
        if case.contender == first.contender and case.train_steps != first.train_steps:
            yield from about_errors(group)
            for kind in (FAR, NEAR):
                told = [f"{share_text(share)} by {each.text}" for each, share in ranking(group, kind)]
                if told:
                    yield f"After {case.train_steps} steps, accepted of {kind} texts: {', '.join(told)}."


def _cost_of(group: Sequence[Result], measures: Measures) -> Iterator[str]:
    time = measures.summary(group[0], TIME)
    if isinstance(time, Absent) or group[0].case.reject != SOFTMAX:
        return
    ratios = {each.case.reject: measures.ratio(each, group[0], TIME) for each in group[1:]}
    told = [f"{OUTPUTS[kind]} {factor_text(more)}" for kind, more in ratios.items() if more is not None]
    also = f" Times as long: {', '.join(told)}." if told else ""
    yield f"{with_version(group[0])}: a step with a softmax of known classes takes {seconds_text(time)}.{also}"


def _about_words(mine: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(mine, LOOKED_UP, LOOKED_UP_MASKED):
        yield (
            f"A lookup of words gives unknown words 0 and known words ids from 1, and with a mask token the mask 0, "
            f"unknown words 1 and known words ids from 2: {listed_with(who)}."
        )
    if who := who_holds(mine, HASHED, HASHED_MASKED, WORD_BUCKETS, NUMBER_BUCKETS):
        yield (
            f"Several buckets for unknown words: words go to a bucket by a hash, A to E in 3 buckets to 1, 0, 1, 1, 2; "
            f"unknown numbers by their remainder, -1 to 2. A mask takes a bucket away: {listed_with(who)}."
        )
    yield from deviations(mine, LAYER_OF_MODEL)


def _masks_in_brief(mine: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(mine, SWALLOWED):
        yield f"A mask of id 0 behind a lookup without a mask token skips unknown words: {listed_with(who)}."


def _about_masks(mine: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(mine, SWALLOWED, WITHOUT_MASK, NOTHING_LEFT):
        text = (
            "An embedding that masks id 0 behind a lookup without a mask token takes every unknown word for padding, "
            "and the LSTM skips it"
        )
        better = "; with a mask token it counts as a word" if who_holds(mine, RESERVED) else ""
        yield f"{text}{better}: {listed_with(who)}."


def _about_rows(mine: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(mine, PADDING_ROW, PADDING_STEPS):
        yield (
            f"A row of padding is zero and gets no gradient, but it is no mask: the LSTM makes a step for each: "
            f"{listed_with(who)}."
        )
    if who := who_holds(mine, BEYOND_RAISES):
        yield f"An id beyond the table raises an error on a CPU: {everyone(who, contenders_of(mine))}."
    if who := who_holds(mine, BEYOND_READS, BEYOND_TAKES):
        yield f"An id beyond the table silently reads the last row or nan, by the way of indexing: {listed_with(who)}."
    yield from deviations(mine, BEYOND_RAISES, BEYOND_COMPILED, NEGATIVE_RAISES)
