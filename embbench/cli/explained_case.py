"""The case that `explain` explains: the one that its flags name, or the largest of the usual training."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from embbench.analysis.collapse.axes import (
    axis_text,
    axis_value,
    known_values,
    named_as_asked,
    nothing_passes,
    parse_filter,
    streams_named,
)
from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import choose
from embbench.cases.axes import parse_axis
from embbench.cli.flags import AXIS_FLAGS, Flags
from embbench.cli.planning import canonical
from embbench.errors import NothingMeasured, UsageError
from embbench.store.round import Round


def asked_vocab(flags: Flags) -> int | None:
    """The vocabulary of the flags; None without. Raises UsageError where an axis has several values."""
    for axis in AXIS_FLAGS:
        if flags[axis] and len(parse_axis(axis, flags[axis])) > 1:
            raise UsageError(f"--{axis}: explain takes a single case; give a single value")
    return parse_axis("vocab", flags["vocab"])[0] if flags["vocab"] else None


def choose_case(rounds: Sequence[Round], flags: Flags, files: Sequence[Path]) -> tuple[list[Result], Measures, Result]:
    """All results, their measures, and the result to explain. files: of the results. Raises UsageError,
    NothingMeasured.
    """
    asked_vocab(flags)
    every, only = collapse(rounds), flags["filter"] or ""
    results = list(filter(parse_filter(only, every), every))
    if only and not results:
        raise NothingMeasured(nothing_passes(only, every))
    measures, kept = Measures(results), results
    asked = {axis: parse_axis(axis, flags[axis]) for axis in AXIS_FLAGS if flags[axis]}
    for axis, (wanted, *_) in asked.items():
        values = (axis == "tokens" and streams_named(wanted, kept)) or [canonical(axis, wanted)]
        matching = [each for each in kept if axis_value(named_as_asked(each, asked), axis) in values]
        if not matching:
            known = known_values([named_as_asked(each, asked) for each in kept], axis) or "no case"
            known_files = axis == "vocab" and files and not only  # predict has no --filter
            estimate = f"; `{_prediction(flags, files)}` estimates it" if known_files else ""
            wrong = axis_text(axis, values[0])
            raise NothingMeasured(f"no result has {axis} {wrong}; the results have {known}{estimate}")
        kept = matching
    chosen = choose(kept, measures)
    if chosen is None:
        raise NothingMeasured("no case has an audited step_time; `embbench report` shows the reasons")
    return results, measures, chosen


def _prediction(flags: Flags, files: Sequence[Path]) -> str:
    """The command that predicts the case of the flags."""
    axes = [word for axis in AXIS_FLAGS for value in flags[axis] or () for word in (f"--{axis}", value)]
    return shlex.join(["embbench", "predict", *map(str, files), *axes])
