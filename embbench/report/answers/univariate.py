"""What does the batch size do, in training and in evaluation? The smallest case, and the classifier beside it."""

from collections.abc import Iterable, Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.report.answers._words import contenders_of, deviations, everyone, seconds_text, who_holds
from embbench.report.figures import factor_text
from embbench.report.table import Statement
from embbench.stats.summary import Summary
from embbench.workloads.univariate import (
    EVALUATED,
    MASKED_APART,
    MASKED_METRIC,
    MASKED_TOGETHER,
    MEANS,
    ONE_ROW,
    PARTIAL,
    REGULARIZED,
    SAMPLES,
)

TIME, MEMORY = "step_time", "host_peak"


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    texts = [
        *_about_training(results, measures),
        *_about_evaluation(_evaluating(results)),
        *_cost_of_evaluation(_evaluating(results), measures),
    ]
    return [Statement(text) for text in texts]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    sweeps = list(_sweeps(results, measures))
    evaluating = _evaluating(results)
    others = tuple(result.case_id for result in results)
    told = []
    if sweeps:
        ends = tuple(each.case_id for sweep in sweeps for each in (sweep[0], sweep[-1]))
        told.append(Statement(_range(sweeps, measures), ends, others))
    texts = [text for text in (next(_about_evaluation(evaluating), ""), _counted(evaluating)) if text]
    if texts:
        told.append(Statement(" ".join(texts), (), others))
    return told


def _evaluating(results: Sequence[Result]) -> list[Result]:
    mine = [result for result in results if result.case.workload == "univariate" and result.audited]
    return [result for result in mine if result.case.task == "evaluate"]


def _sweeps(results: Sequence[Result], measures: Measures) -> Iterator[list[Result]]:
    """Training cases that differ in the batch size only, with their times, by growing batch."""
    groups: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        trains = result.case.workload != "univariate" or result.case.task == "train"
        if trains and result.audited and not isinstance(measures.summary(result, TIME), Absent):
            groups.setdefault((result.case.contender, result.case.workload), []).append(result)
    for group in groups.values():
        if len({result.case.batch for result in group}) == len(group) > 1:
            yield sorted(group, key=lambda result: result.case.batch)


def _about_training(results: Sequence[Result], measures: Measures) -> Iterator[str]:
    for sweep in _sweeps(results, measures):
        small, large = sweep[0], sweep[-1]
        more = measures.ratio(large, small, TIME)
        grown = (
            "" if more is None else f", {factor_text(more)} times as long for {_times(small, large)} times the samples"
        )
        text = (
            f"{one_line(small.case.contender)} {small.case.workload}: a training step takes "
            f"{seconds_text(_time(small, measures))} with a batch of {small.case.batch} and "
            f"{seconds_text(_time(large, measures))} with {large.case.batch}{grown} "
            f"({_rate(small, measures)} and {_rate(large, measures)} samples/s)"
        )
        yield f"{text}{_memory(small, large, measures)}."


def _times(small: Result, large: Result) -> str:
    return format_quantity(large.case.batch / small.case.batch, "1", 3)


def _rate(result: Result, measures: Measures) -> str:
    return f"{float(f'{result.case.batch / _time(result, measures).center:.2g}'):,.0f}"


def _memory(small: Result, large: Result, measures: Measures) -> str:
    peaks = [measures.summary(each, MEMORY) for each in (small, large)]
    if any(isinstance(each, Absent) for each in peaks):
        return ""
    first, last = (format_quantity(each.center, "B", 3) for each in peaks if isinstance(each, Summary))
    return f"; peak memory {first} and {last}"


def _range(sweeps: Iterable[list[Result]], measures: Measures) -> str:
    """The gain in samples per second of all training cases, from the smallest to the largest batch."""
    mine = [sweep for sweep in sweeps if sweep[0].case.workload == "univariate"] or list(sweeps)
    gains = [_times_faster(sweep[0], sweep[-1], measures) for sweep in mine]
    small, large = mine[0][0].case.batch, mine[0][-1].case.batch
    least, most = (format_quantity(each, "1", 2) for each in (min(gains), max(gains)))
    between = least if least == most else f"{least} to {most}"
    return f"A batch of {large} trains {between} times as many samples per second as a batch of {small}."


def _times_faster(small: Result, large: Result, measures: Measures) -> float:
    return large.case.batch / small.case.batch * _time(small, measures).center / _time(large, measures).center


def _about_evaluation(results: Sequence[Result]) -> Iterator[str]:
    everybody = contenders_of(results)
    if same := who_holds(results, EVALUATED):
        yield (
            f"The loss of an evaluation is the same for every batch size, a smaller last batch included, within "
            f"rounding: {everyone(same, everybody)}."
        )
    if weighted := who_holds(results, MEANS):
        yield (
            f"A batch counts by its samples: losses of 10, 10 and 9 give 9.667 in batches of 2, not the mean of means, "
            f"9.5: {everyone(weighted, everybody)}."
        )
    if added := who_holds(results, REGULARIZED):
        yield f"The loss of an evaluation includes regularizers; a metric does not: {everyone(added, everybody)}."
    yield from deviations(results, MASKED_TOGETHER, MASKED_APART, MASKED_METRIC)
    if refused := who_holds(results, PARTIAL):
        yield (
            f"A stateful layer has a fixed batch size, and a smaller last batch raises an error: "
            f"{everyone(refused, everybody)}."
        )
    yield from deviations(results, PARTIAL, ONE_ROW)


def _counted(results: Sequence[Result]) -> str:
    found = list(_about_evaluation(results))
    return f"{len(found) - 1} more facts on evaluation: --details." if len(found) > 1 else ""


def _cost_of_evaluation(results: Sequence[Result], measures: Measures) -> Iterator[str]:
    for result in results:
        if not isinstance(measures.summary(result, TIME), Absent):
            time = _time(result, measures)
            yield (
                f"{one_line(result.case.contender)}: an evaluation of {SAMPLES} samples in batches of "
                f"{result.case.batch} takes {seconds_text(time)} "
                f"({float(f'{SAMPLES / time.center:.2g}'):,.0f} samples/s)."
            )


def _time(result: Result, measures: Measures) -> Summary:
    found = measures.summary(result, TIME)
    assert isinstance(found, Summary)  # the caller passes only results with this number
    return found
