"""An Explanation on one screen."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from embbench.model.explanation import Alternative, Explanation, Passes
from embbench.model.floor import Floor
from embbench.model.phases import Phases
from embbench.report.console import make_console, written
from embbench.report.figures import brief, factor_text, figures, percent, spread_text
from embbench.report.verdicts import Verdict
from embbench.spec.case import Case, label
from embbench.spec.semantics import CLASSES, moves_others
from embbench.spec.units import format_count, format_quantity
from embbench.spec.workload import LEARNT, MOST_LESSONS
from embbench.stats.summary import Summary

MOST_ALTERNATIVES = 8
WORTH = 0.02  # of a step: less than that is no matter
UNEXPLAINED = 0.25  # of the passes that are: so many more or fewer are worth a word

Change = Callable[[Case], str]  # the line of code that makes a case's path, '' where none is known


class Screen(msgspec.Struct, frozen=True):
    """change: see Change. missing: what was not measured -> the command that measures it. caption: (word, text)."""

    told: Explanation
    verdicts: tuple[Verdict, ...]
    change: Change
    missing: tuple[tuple[str, str], ...]
    caption: tuple[tuple[str, str], ...]


def render_screen(screen: Screen, width: int, colour: bool) -> str:
    """Ends with a newline."""
    console = make_console(width, colour)
    told = screen.told
    console.print(Text(_headline(told), style="bold"))
    console.print()
    _paragraphs(console, _why(told))
    if told.alternatives:
        console.print()
        console.print(_instead(screen))
        console.print()
        _paragraphs(console, _changes(screen))
    console.print()
    _paragraphs(console, [(each.answer, f"“{each.claim}”: {each.why}.") for each in screen.verdicts])
    if told.notes or screen.missing:
        console.print()
    _paragraphs(console, [("beware", note) for note in told.notes])
    _paragraphs(console, [("to measure", f"{what}: {command}") for what, command in screen.missing])
    console.print()
    _paragraphs(console, screen.caption)
    return written(console)


def _headline(told: Explanation) -> str:
    spread = spread_text(told.seconds, "s")
    memory = "" if told.bytes is None else f" and has {_bytes(told.bytes.center)} at its peak"
    return f"{label(told.case)}: a step takes {_time(told.seconds)}{f' {spread}' if spread else ''}{memory}."


def _why(told: Explanation) -> Iterator[tuple[str, str]]:
    if told.growth is not None and told.growth.time is not None:
        yield "grows", _grows(told)
    if told.passes is not None and told.passes.derived and told.growth is not None and told.growth.grows:
        yield "because", _because(told, told.passes)
    if told.phases is not None:
        yield "where", _where(told.phases)
    if told.least is not None and told.lazy is not None:
        yield "floor", _floor(told, told.least, told.lazy)


def _grows(told: Explanation) -> str:
    growth = told.growth
    assert growth is not None
    assert growth.time is not None
    values = growth.sweep.values
    constant, slope = growth.time.coefficients
    sizes = f"{len(values)} sizes, {format_count(values[0])} to {format_count(values[-1])} rows"
    line = (
        f"T(V) = {format_quantity(constant, 's', 2)} + {format_quantity(slope * 1e6, 's', 3)} a million rows ({sizes})"
    )
    share = growth.share(told.case.vocab)
    assert share is not None
    if growth.grows is None:
        return f"{line}; too few sizes to say how far that can be trusted"
    if not growth.grows:
        return f"not with the vocabulary, as far as is shown: {line}"
    half = growth.break_even()
    text = f"{_share(share)} of it with the vocabulary: {line}"
    if half is not None and half >= 1:
        text += f"; from {format_count(int(float(f'{half:.1e}')))} rows on that is half of a step or more"
    if growth.memory is not None:
        base, each = growth.memory.coefficients
        text += f". Memory: {_bytes(base)} + {_bytes(each * 1e6)} a million rows"
    return text


def _because(told: Explanation, passes: Passes) -> str:
    table, measured = told.case.table_bytes, passes.measured
    between = "" if measured.low is None or measured.high is None else f" ({measured.low:.0f} to {measured.high:.0f})"
    text = (
        f"in every step the table of {_bytes(table)} is read or written {measured.center:.0f} times{between}, by time"
    )
    if (rest := passes.unexplained) is not None:
        text += f"; what its update does are {passes.derived:.0f} times"
        if passes.kernel is not None and passes.kernel.center >= 0.5:
            text += ", and the kernel, by page faults for memory given back and asked for anew, takes as long as "
            text += f"{passes.kernel.center:.0f} more"
        if abs(rest) > UNEXPLAINED * (passes.measured.center - rest):
            how = f"{rest:.0f} more are" if rest > 0 else f"that these are {-rest:.0f} more than were seen is"
            text += f"; {how} not explained: caches, temporaries, or a machine that was not always as fast"
    return text


def _where(phases: Phases) -> str:
    told = " · ".join(
        f"{name} {format_quantity(part.center, 's', 2)} ({_signed(part.center / phases.step.center)})"
        for name, part in phases.parts.items()
    )
    share = phases.missing.center / phases.step.center
    if phases.add_up:
        return f"{told}; together {percent(1 - share)} of a step{_profiled(phases)}"
    how = "less" if share > 0 else "more"
    step = format_quantity(phases.step.center, "s", 2)
    return f"{told}; together {percent(abs(share))} {how} than a step of {step}{_profiled(phases)}"


def _signed(share: float) -> str:
    return ("-" if share < 0 else "") + percent(abs(share))


def _profiled(phases: Phases) -> str:
    """What the framework's profiler says of parts that are worth a word."""
    told = [
        f"{name} {'+' if apart >= 0 else ''}{_signed(apart)}"
        for name, apart in phases.against_profiler().items()
        if phases.profiled[name].center > WORTH * phases.step.center
    ]
    return f". The framework's profiler: {', '.join(told)} against that" if told else ""


def _floor(told: Explanation, least: Floor, lazy: Floor) -> str:
    semantic = told.result.semantic
    every = (
        "every row moves" if moves_others(semantic) else "no row moves" if semantic == "frozen" else "touched rows move"
    )
    times = told.seconds.center / least.total
    text = f"{brief(least.total)} for this training, in which {every}, at the rates measured here: a step takes "
    text += f"{times:.2g} times that"
    if least != lazy:
        text += f"; {brief(lazy.total)} where only the rows of the batch move"
    return f"{text} (lookup {brief(least.lookup)}, LSTM {brief(least.lstm)}, update {brief(least.update)})"


def _instead(screen: Screen) -> RichTable:
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    for _ in range(4):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_row(*(Text(word, style="dim") for word in ("instead", "step", "faster", "steps", "memory", "class")))
    told = screen.told
    for each in told.alternatives[:MOST_ALTERNATIVES]:
        grid.add_row(
            _path(each.result.case, told.case),
            _time(each.seconds),
            "" if each.gain is None else _gain(each.gain),
            _steps(each),
            "" if each.bytes is None else _bytes(each.bytes.center),
            each.result.semantic,
        )
    return grid


def _changes(screen: Screen) -> Iterator[tuple[str, str]]:
    """The line of code that makes each that is faster, then what their classes change in training."""
    told = screen.told
    faster = [each for each in told.alternatives if each.gain is not None and each.gain.center > 1]
    for each in faster[:MOST_ALTERNATIVES]:
        case = each.result.case
        if case.contender == told.case.contender and (line := screen.change(case)):
            yield _path(case, told.case), line
    for semantic in dict.fromkeys(each.result.semantic for each in faster):
        same = " (as now)" if semantic == told.result.semantic else ""
        yield f"{semantic}{same}", f"{CLASSES.get(semantic, semantic)}."
    if told.steps is not None and any(each.steps is not None or not each.learns for each in told.alternatives):
        yield "steps", _lesson(told.steps)


def _paragraphs(console: Console, lines: Sequence[tuple[str, str]] | Iterator[tuple[str, str]]) -> None:
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=8)
    grid.add_column()
    for word, text in lines:
        grid.add_row(Text(word, style="dim"), Text(text))
    if grid.row_count:
        console.print(grid)


def _path(case: Case, other: Case) -> str:
    name = case.table if case.table == "frozen" else f"{case.table} {case.update}"
    return name if case.contender == other.contender else f"{case.contender} {name}"


def _gain(gain: Summary) -> str:
    return f"×{factor_text(gain)}" if gain.center >= 1 else "slower"


def _steps(each: Alternative) -> str:
    if not each.learns:
        return f"not in {MOST_LESSONS}"
    return "" if each.steps is None else f"×{each.steps.center:.2f}"


def _lesson(steps: Summary) -> str:
    return (
        f"to the same loss, tried in small: {steps.center:.0f} as now to a mean of {LEARNT:g}, on texts whose label "
        "most of their words stand for, from a table of random numbers"
    )


def _share(share: Summary) -> str:
    between = "" if share.low is None or share.high is None else f" ({percent(share.low)} to {percent(share.high)})"
    return f"{percent(share.center)}{between}"


def _time(summary: Summary) -> str:
    return format_quantity(summary.center, "s", min(3, figures(summary, sampled=True)))


def _bytes(value: float) -> str:
    return format_quantity(value, "B", 3)
