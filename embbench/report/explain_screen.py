"""An Explanation on one screen."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from embbench.model.crossover import Crossover
from embbench.model.explanation import Explanation
from embbench.model.floor import Floor
from embbench.model.growth import ON_LINE, Growth
from embbench.model.parts import ADDS_UP, Phases
from embbench.model.passes import Passes
from embbench.report.alternatives import Change, changes, instead, shown_bytes, shown_time
from embbench.report.claims import ClaimAnswer
from embbench.report.console import make_console, written
from embbench.report.figures import brief, percent, spread_text
from embbench.results.axes import axis_text
from embbench.results.collapse import Result
from embbench.spec.case import label
from embbench.spec.semantics import moves_others
from embbench.spec.units import format_count, format_quantity
from embbench.stats.fit import Fit
from embbench.stats.fit import line as fitted
from embbench.stats.summary import Summary

WORTH = 0.02  # of a step: less than that is no matter
UNEXPLAINED = 0.25  # of the passes that are: so many more or fewer are worth a word
EACH = {"dim": "column", "hidden": "hidden unit", "batch": "text of a batch", "seq": "token of a text"}
SEEN = 0.5  # passes: fewer are none


class Screen(msgspec.Struct, frozen=True):
    """change: see Change. source: where what is told of a result's path is from. missing: what was not measured -> the
    command that measures it. caption: (word, text).
    """

    told: Explanation
    claim_answers: tuple[ClaimAnswer, ...]
    change: Change
    source: Callable[[Result], str]
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
        console.print(instead(told))
        console.print()
        _paragraphs(console, changes(told, screen.change))
    console.print()
    _paragraphs(console, [(each.answer, f"“{each.claim}”: {each.why}.") for each in screen.claim_answers])
    if told.notes or screen.missing:
        console.print()
    _paragraphs(console, [("beware", note) for note in told.notes])
    _paragraphs(console, [("to measure", f"{what}: {command}") for what, command in screen.missing])
    console.print()
    _paragraphs(console, screen.caption)
    return written(console)


def _headline(told: Explanation) -> str:
    spread = spread_text(told.seconds, "s")
    memory = "" if told.bytes is None else f" and has {shown_bytes(told.bytes.center)} at its peak"
    return f"{label(told.case)}: a step takes {shown_time(told.seconds)}{f' {spread}' if spread else ''}{memory}."


def _why(told: Explanation) -> Iterator[tuple[str, str]]:
    if told.growth is not None and told.growth.time is not None:
        yield "grows", _grows(told)
    for each in told.along:
        if each.time is not None:
            yield "sizes", _along(each, each.time)
    if told.passes is not None and told.passes.derived and told.growth is not None and told.growth.grows:
        yield "because", _because(told, told.passes)
    if told.phases is not None:
        yield "where", _where(told.phases)
    if told.least is not None and told.lazy is not None:
        yield "floor", _floor(told, told.least, told.lazy)
    for each in told.crossovers:
        if each.faster is not None and each.slower is not None:
            yield "crosses", _crosses(each, each.faster, each.slower, told.case.update)


def _grows(told: Explanation) -> str:
    growth = told.growth
    assert growth is not None
    assert growth.time is not None
    values = growth.sweep.values
    constant, slope = growth.time.coefficients
    sizes = f"{len(values)} sizes, {format_count(values[0])} to {format_count(values[-1])} rows"
    line = f"T(V) = {_seconds(constant)} + {format_quantity(slope * 1e6, 's', 3)} a million rows ({sizes}"
    if slope < 0:  # rows do not give time back
        line = f"{_ends(growth, growth.time)} ({sizes}"
    line += f", off by up to {percent(growth.time.worst)})" if growth.time.worst > ON_LINE else ")"
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
    if growth.memory is not None and growth.memory.coefficients[1] >= 0:
        base, each = growth.memory.coefficients
        text += f". Memory: {shown_bytes(base)} + {shown_bytes(each * 1e6)} a million rows"
    return text


def _along(growth: Growth, time: Fit) -> str:
    axis, case, values = growth.sweep.axis, growth.sweep.case, growth.sweep.values
    slope = time.coefficient(1)
    others = {"vocab": format_count(case.vocab), **{name: getattr(case, name) for name in EACH}}
    told = ", ".join(f"{name} {value}" for name, value in others.items() if name != axis)
    sizes = f"({len(values)} sizes, {values[0]} to {values[-1]}; {told})"
    if slope.center < 0:
        return f"not with {axis}, as far as is shown: {_ends(growth, time)} {sizes}"
    line = f"{_seconds(time.coefficients[0])} + {_seconds(slope.center)}"
    if slope.low is None or slope.high is None:
        return f"with {axis}, {line} a {EACH[axis]} {sizes}; too few to say how far that can be trusted"
    start = f"with {axis}, " if growth.grows else f"not with {axis}, as far as is shown: "
    return f"{start}{line} ({_seconds(max(0.0, slope.low))} to {_seconds(slope.high)}) a {EACH[axis]} {sizes}"


def _ends(growth: Growth, time: Fit) -> str:
    """'14 ms at 200k, 14 ms at 2M', by the line."""
    values, axis = growth.sweep.values, growth.sweep.axis
    ends = ((_seconds(time.at(fitted(value)).center), axis_text(axis, value)) for value in (values[0], values[-1]))
    return ", ".join(f"{seconds} at {value}" for seconds, value in ends)


def _seconds(value: float) -> str:
    return format_quantity(value, "s", 2)


def _because(told: Explanation, passes: Passes) -> str:
    text = f"what grows takes as long as {_between(passes.measured)} reads or writes of the table of "
    text += f"{shown_bytes(told.table_bytes)}; its update does {passes.derived:.0f}"
    if passes.kernel is not None and passes.kernel.center >= SEEN:
        text += f"; the kernel takes as long as {_between(passes.kernel)} more, by page faults for memory that is "
        text += "given back and asked for anew"
        if told.result.rounds[-1].machine.get("free_page_reporting"):
            text += ", which the hypervisor takes meanwhile"
    if passes.roots is not None and passes.roots.center >= SEEN:
        text += f"; the square root of the optimizer's state, zero in rows not seen yet, as {_between(passes.roots)} "
        text += "more"
    if abs(rest := passes.unexplained) > UNEXPLAINED * passes.explained:
        how = f"{rest:.0f} more are" if rest > 0 else f"that these are {-rest:.0f} more than were seen is"
        text += f"; {how} not explained: caches, temporaries, or a machine that was not always as fast"
    return text


def _between(passes: Summary) -> str:
    """'121 (66 to 177)'"""
    if passes.low is None or passes.high is None:
        return f"{passes.center:.0f}"
    return f"{passes.center:.0f} ({passes.low:.0f} to {passes.high:.0f})"


def _where(phases: Phases) -> str:
    told = " · ".join(f"{name} {_part(part, phases.step)}" for name, part in phases.parts.items())
    share, step = phases.missing.center / phases.step.center, _seconds(phases.step.center)
    if abs(share) <= ADDS_UP:
        return f"{told}; together a step, within {percent(abs(share))}{_profiled(phases)}"
    if phases.add_up:
        ends = (_lacking(each / phases.step.center) for each in (phases.missing.low or 0.0, phases.missing.high or 0.0))
        return f"{told}; together between {' and '.join(ends)} than a step of {step}{_profiled(phases)}"
    return f"{told}; together {_lacking(share)} than a step of {step}{_profiled(phases)}"


def _lacking(share: float) -> str:
    """'8% less'"""
    return f"{percent(abs(share))} {'less' if share > 0 else 'more'}"


def _part(part: Summary, step: Summary) -> str:
    """'3.3 s (68%)'. What a program takes longer than another may come out below 0, and what takes next to all of a
    step above it: no part takes less than nothing or more than the whole.
    """
    if part.center > 0:
        share = part.center / step.center
        return f"{_seconds(part.center)} ({percent(share) if share <= 1 else 'no less than a step'})"
    return "nothing that is shown" if part.high is None or part.high <= 0 else f"less than {_seconds(part.high)}"


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
    return f"{text} (lookup {brief(least.lookup)}, network {brief(least.network)}, update {brief(least.update)})"


def _crosses(each: Crossover, faster: tuple[float, float], slower: tuple[float, float], update: str) -> str:
    """Shares of the table's rows that a batch touches, U/V."""
    if faster[1] < slower[0]:
        told = f"{each.update} is faster up to {faster[1]:.2g} of the rows touched, {update} from {slower[0]:.2g} on"
    elif slower[1] < faster[0]:
        told = f"{update} is faster up to {slower[1]:.2g} of the rows touched, {each.update} from {faster[0]:.2g} on"
    else:
        told = (
            f"{each.update} is faster at some of {faster[0]:.2g} to {faster[1]:.2g} of the rows touched, {update} at "
        )
        told += f"some of {slower[0]:.2g} to {slower[1]:.2g}: more than that decides"
    return f"{told} ({each.cases} cases)"


def _paragraphs(console: Console, lines: Sequence[tuple[str, str]] | Iterator[tuple[str, str]]) -> None:
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=8)
    grid.add_column()
    for word, text in lines:
        grid.add_row(Text(word, style="dim"), Text(text))
    if grid.row_count:
        console.print(grid)


def _share(share: Summary) -> str:
    between = "" if share.low is None or share.high is None else f" ({percent(share.low)} to {percent(share.high)})"
    return f"{percent(share.center)}{between}"
