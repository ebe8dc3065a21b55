"""Does a prediction change anything, and what does it cost, by way of calling?"""

from collections.abc import Iterable, Iterator, Sequence

from embbench.analysis.collapse.claims import claims_of
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.claim import Expected
from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.report.answers._words import contenders_of, deviations, everyone, listed_with, seconds_text, who_holds
from embbench.report.figures import factor_text
from embbench.report.table import Statement
from embbench.stats.effects import separates
from embbench.stats.summary import Summary
from embbench.workloads.inference import (
    AFTER_FIT,
    AFTER_VALIDATION,
    REGULARIZED_SCORES,
    REPEATED,
    RESET,
    STATEFUL,
    STATELESS,
    TRAINED_UNCHANGED,
    UNCHANGED,
    WITHIN_CALL,
)

TIME = "step_time"
SLOW = 1.5  # times the fastest way of a contender, from which on a way is named
SIZES = ("vocab", "dim", "hidden", "layers", "batch", "seq", "device", "dtype", "threads")


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    predicting = _predicting(results)
    texts = [*_about_kept(predicting), *_about_states(predicting), *_about_layers(predicting)]
    costs = [_cost_of(ways, results, measures) for ways in _timed(predicting, measures)]
    return [Statement(text) for text in (*texts, *costs)]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    predicting = _predicting(results)
    cases = [case for ways in _timed(predicting, measures) for case in _compared(ways, results, measures)]
    others = tuple(result.case_id for result in results)
    told = [next(about(predicting), "") for about in (_about_kept, _about_states)]
    known = {text for each in predicting for claim in claims_of(each).values() if (text := claim.known)}
    if known:
        told.append(f"Frameworks deviate in {len(known)} known way{'s' if len(known) > 1 else ''}: --details.")
    told = [" ".join(filter(None, told)), *_cost_of_all(_timed(predicting, measures), measures)]
    return [Statement(text, tuple(cases), others) for text in told if text]


def _predicting(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "inference" and result.audited]


def _about_kept(results: Sequence[Result]) -> Iterator[str]:
    timed, trained = who_holds(results, UNCHANGED), who_holds(results, TRAINED_UNCHANGED)
    if both := [name for name in timed if name in trained or not _has_made(results, name, TRAINED_UNCHANGED)]:
        yield f"Predictions change nothing that a model keeps, bit by bit: {everyone(both, contenders_of(results))}."
    yield from deviations(results, UNCHANGED, TRAINED_UNCHANGED)


def _has_made(results: Sequence[Result], contender: str, expected: Expected) -> bool:
    return any(expected.name in claims_of(each) for each in results if each.case.contender == contender)


def _about_states(results: Sequence[Result]) -> Iterator[str]:
    everybody = contenders_of(results)
    if within := who_holds(results, WITHIN_CALL, STATELESS):
        who = everyone(within, everybody)
        yield f"An LSTM's state moves within a call, and a stateless LSTM starts every call from zeros: {who}."
    if onward := who_holds(results, STATEFUL, RESET):
        yield f"A stateful LSTM goes on from call to call until it is reset: {everyone(onward, everybody)}."
    yield from deviations(results, STATEFUL, RESET, STATELESS, WITHIN_CALL, AFTER_FIT, AFTER_VALIDATION)


def _about_layers(results: Sequence[Result]) -> Iterator[str]:
    if off := who_holds(results, REPEATED, REGULARIZED_SCORES):
        yield (
            "Dropout and noise are off, and batch norm uses its moving statistics: two predictions are equal bit by "
            f"bit, and equal NumPy's ({listed_with(off)})."
        )
    if lack := [name for name in contenders_of(results) if not _has_made(results, name, REPEATED)]:
        yield f"{listed_with(lack)}: without such layers; what a prediction does is the function that you write."


def _timed(predicting: Sequence[Result], measures: Measures) -> Iterator[list[Result]]:
    """By contender, its ways of predicting a single batch, the fastest first."""
    for contender in dict.fromkeys(result.case.contender for result in predicting):
        ways = [each for each in predicting if each.case.contender == contender and each.case.per_call == 1]
        ways = [each for each in ways if not isinstance(measures.summary(each, TIME), Absent)]
        if ways:
            yield sorted(ways, key=lambda each: _time(each, measures).center)


def _cost_of_all(timed: Iterable[list[Result]], measures: Measures) -> Iterator[str]:
    """The fastest way of all contenders, and the slowest ways."""
    every = list(timed)
    if every:
        first = min((ways[0] for ways in every), key=lambda each: _time(each, measures).center)
        text = f"The fastest: {_fast(first, measures)}."
        by_way: dict[str, list[tuple[str, float]]] = {}
        for ways in every:
            for result, more in _slow(ways, measures)[-1:]:
                by_way.setdefault(result.case.way, []).append((one_line(result.case.contender), more.center))
        for way, found in by_way.items():
            times = sorted(more for _, more in found)
            least, most = (format_quantity(each, "1", 2) for each in (times[0], times[-1]))
            between = least if len(found) == 1 else f"{least} to {most}"
            who = listed_with(name for name, _ in found)
            text += f" {way} takes {between} times as long in {who}."
        yield text


def _cost_of(ways: Sequence[Result], results: Sequence[Result], measures: Measures) -> str:
    """The fastest way of a contender, and its slow ways."""
    text, training = _fast(ways[0], measures), _training(ways[0], results)
    if training is not None and (share := measures.ratio(ways[0], training, TIME)) is not None:
        text += f", {factor_text(share)} of a training step"
    slow = [f"{each.case.way} {factor_text(more)}" for each, more in _slow(ways, measures)]
    return text + (f"; times as long: {', '.join(slow)}." if slow else ".")


def _fast(result: Result, measures: Measures) -> str:
    time, case = _time(result, measures), result.case
    rate = f"{float(f'{case.batch / time.center:.2g}'):,.0f}"
    return f"{case.contender}: {case.way} predicts {case.batch} texts in {seconds_text(time)} ({rate} texts/s)"


def _slow(ways: Sequence[Result], measures: Measures) -> list[tuple[Result, Summary]]:
    found = [(each, measures.ratio(each, ways[0], TIME)) for each in ways[1:]]
    return [
        (each, more)
        for each, more in found
        if more is not None and more.center > SLOW and separates(more, 1.0) is not False
    ]


def _compared(ways: Sequence[Result], results: Sequence[Result], measures: Measures) -> Iterator[str]:
    """The ids of the cases of `_cost_of`."""
    yield ways[0].case_id
    yield from (each.case_id for each, _ in _slow(ways, measures)[-1:])


def _training(result: Result, results: Sequence[Result]) -> Result | None:
    """The training step of the same contender and sizes."""
    axes = ("contender", *SIZES)
    alike = [each for each in results if all(getattr(each.case, axis) == getattr(result.case, axis) for axis in axes)]
    return next((each for each in alike if each.case.workload == "classifier"), None)


def _time(result: Result, measures: Measures) -> Summary:
    found = measures.summary(result, TIME)
    assert isinstance(found, Summary)  # the caller passes only results with this number
    return found
