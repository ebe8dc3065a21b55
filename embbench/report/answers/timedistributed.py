"""What does a layer per time step cost against one flat layer, and where is it another layer?"""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.claims import claims_of
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.claim import Expected
from embbench.cases.units import format_quantity
from embbench.plain import one_line
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
from embbench.stats.summary import Summary
from embbench.workloads._timedistributed_expected import (
    BATCH,
    FLAT,
    FRAMES,
    LENGTHS_OF_FEW,
    LENGTHS_OF_MANY,
    LOOP,
    MAP,
    SAME_LAYERS,
    SAMPLES,
    SHAPE,
    UNKNOWN,
    UPDATES,
    calls,
    masks,
    moving,
    normed,
    same,
)

STEP, FIRST, MEMORY = "step_time", "first_step_time", "host_peak"
REFERENCES = {LOOP: FLAT, MAP: FLAT, UNKNOWN: FLAT, "wrapped_conv": "flat_conv"}
WORDS = {
    LOOP: "a wrapped head",
    MAP: "a head in a vectorized map",
    UNKNOWN: "a wrapped head over an unknown number of time steps",
    "wrapped_conv": "a wrapped convolution",
}
SIZES = ("contender", "hidden", "batch", "seq", "device", "dtype", "threads", "runtime")
OF_UNKNOWN = (LENGTHS_OF_FEW, LENGTHS_OF_MANY, masks(UNKNOWN), normed(UNKNOWN), moving(UNKNOWN), calls(UNKNOWN))


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _mine(results)
    texts = [*_about_equal(mine), *_about_unequal(mine), *_about_calls(mine), *_about_unknown(mine), *_about_data(mine)]
    costs = [_cost_of(wrapped, flat, measures) for wrapped, flat in _pairs(mine, measures)]
    return [Statement(text) for text in (*texts, *costs)]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _mine(results)
    pairs = [(wrapped, flat) for wrapped, flat in _pairs(mine, measures) if wrapped.case.per_step == LOOP]
    cases = tuple(each.case_id for pair in pairs for each in pair)
    others = tuple(result.case_id for result in results)
    texts = [*_cost_of_all(pairs, measures), " ".join(_equal_in_brief(mine)), *_unknown_in_brief(mine)]
    return [Statement(text, cases, others) for text in texts if text]


def _mine(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "timedistributed" and result.audited]


def _about_equal(results: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(results, *(same(layer, LOOP) for layer in SAME_LAYERS)):
        yield (
            f"{listed_with(SAME_LAYERS).capitalize()} per time step equal the flat layer within rounding: "
            f"{everyone(who, contenders_of(results))}. Losses and gradients are equal too (3 steps against NumPy's)."
        )


def _about_unequal(results: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(results, normed(LOOP), moving(LOOP), normed(FLAT), moving(FLAT)):
        yield (
            "Batch normalization in training differs: per time step it has the statistics of each time step and moves "
            "its moving statistics once per time step; a flat layer has the statistics of batch and time together and "
            f"moves them once: {listed_with(who)}. [1, 3] and [2, 4] become ±{normed(LOOP).want[-1]:.3f} per time "
            f"step, and {normed(FLAT).want[0]:.3f} to {normed(FLAT).want[-1]:.3f} flat; the moving mean is "
            f"{moving(LOOP).want[0]:.3f} and {moving(FLAT).want[0]:.3f}."
        )
    if who := who_holds(results, masks(LOOP), masks(FLAT)):
        yield (
            f"Dropout per time step draws a mask for each time step, as a flat layer does: {listed_with(who)}. Neither "
            "shares a mask over time."
        )
    yield from deviations(results, normed(MAP), moving(MAP), masks(MAP))


def _about_calls(results: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(results, calls(LOOP)):
        yield (
            f"A wrapped layer is called once per time step where the number of time steps is known: "
            f"{everyone(who, contenders_of(results))}. A compiled program holds as many copies of the layer, and takes "
            "longer to compile for longer sequences."
        )
    if who := who_holds(results, calls(MAP)):
        yield f"A vectorized map calls the layer once: {listed_with(who)}."


def _about_unknown(results: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(results, LENGTHS_OF_FEW, LENGTHS_OF_MANY):
        yield f"A model for any length returns as many time steps as it gets: {listed_with(who)}."
    yield from deviations(results, *OF_UNKNOWN)


def _about_data(results: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(results, UPDATES, SHAPE):
        yield (
            f"{SAMPLES} samples of {FRAMES} in batches of {BATCH} are {SAMPLES // BATCH} updates of "
            f"{tuple(map(int, SHAPE.want))}, not one array (90, 30, 32, 32, 3): {listed_with(who)}."
        )


def _equal_in_brief(results: Sequence[Result]) -> Iterator[str]:
    if who_holds(results, *(same(layer, LOOP) for layer in SAME_LAYERS)):
        yield f"Equal to the flat layer: {listed_with(SAME_LAYERS)}."
    if who_holds(results, normed(LOOP), moving(LOOP)):
        yield "Not equal: batch normalization in training (statistics per time step)."


def _unknown_in_brief(results: Sequence[Result]) -> Iterator[str]:
    wrong = [each for each in results if _known(each, LENGTHS_OF_FEW) or _known(each, LENGTHS_OF_MANY)]
    if wrong:
        who = listed_with(dict.fromkeys(map(with_version, wrong)))
        yield f"Over an unknown number of time steps, the output of {who} has as many time steps as samples: wrong."


def _known(result: Result, expected: Expected) -> bool:
    claim = claims_of(result).get(expected.name)
    return claim is not None and bool(claim.known)


def _pairs(results: Sequence[Result], measures: Measures) -> Iterator[tuple[Result, Result]]:
    """(another way, the flat layer of the same contender and size), where both have a time."""
    timed = [each for each in results if not isinstance(measures.summary(each, STEP), Absent)]
    places = {(each.case.per_step, _size(each)): each for each in timed}
    for each in timed:
        flat = places.get((REFERENCES.get(each.case.per_step, ""), _size(each)))
        if flat is not None:
            yield each, flat


def _size(result: Result) -> tuple[object, ...]:
    return tuple(getattr(result.case, axis) for axis in SIZES)


def _cost_of(wrapped: Result, flat: Result, measures: Measures) -> str:
    time = measures.summary(flat, STEP)
    assert isinstance(time, Summary)
    who = f"{with_version(wrapped)}, {wrapped.case.seq} time steps"
    text = f"{who}: a step of the flat layer takes {seconds_text(time)}; {WORDS[wrapped.case.per_step]}"
    found = [
        f"{factor_text(more)} times {words}{_whether(more)}"
        for metric, words in ((STEP, "the step"), (FIRST, "the first step"))
        if (more := measures.ratio(wrapped, flat, metric)) is not None
    ]
    return f"{text} takes {listed_with(found)}{_first_text(wrapped, measures)}{_memory(wrapped, flat, measures)}."


def _whether(more: Summary) -> str:
    """Says where an interval contains 1."""
    return " (cannot tell from 1)" if separates(more, 1.0) is False else ""


def _first_text(wrapped: Result, measures: Measures) -> str:
    first = measures.summary(wrapped, FIRST)
    return "" if isinstance(first, Absent) else f" ({seconds_text(first)})"


def _memory(wrapped: Result, flat: Result, measures: Measures) -> str:
    peaks = [measures.summary(each, MEMORY) for each in (flat, wrapped)]
    if any(isinstance(each, Absent) for each in peaks):
        return ""
    first, last = (format_quantity(each.center, "B", 3) for each in peaks if isinstance(each, Summary))
    return f"; peak memory {last} instead of {first}"


def _cost_of_all(pairs: Sequence[tuple[Result, Result]], measures: Measures) -> Iterator[str]:
    """Steps and first steps at the longest length that most contenders share."""
    if not pairs:
        return
    lengths = [wrapped.case.seq for wrapped, _ in pairs]
    most = max(sorted(set(lengths), reverse=True), key=lengths.count)
    shown = [(wrapped, flat) for wrapped, flat in pairs if wrapped.case.seq == most]
    told = [f"a step {_between(shown, measures, STEP)}", f"a first step {_between(shown, measures, FIRST)}"]
    told = [each for each in told if not each.endswith(" ")]
    yield f"At {most} time steps a wrapped head takes, against a flat head: {listed_with(told)} times as long."


def _between(pairs: Sequence[tuple[Result, Result]], measures: Measures, metric: str) -> str:
    """'1.0 (one) to 6.1 (two)'; '' without a ratio."""
    found = [(one_line(each[0].case.contender), measures.ratio(*each, metric)) for each in pairs]
    ordered = sorted(((more.center, name) for name, more in found if more is not None))
    ends = dict.fromkeys(ordered[at] for at in (0, -1)) if ordered else {}
    return " to ".join(f"{format_quantity(center, '1', 2)} ({name})" for center, name in ends)
