"""Facts that the trials detected of themselves, for the caption: shared facts first, then the differences."""

from collections.abc import Iterable, Sequence

from embbench.analysis.collapse.axes import axis_text, axis_value, joined, listed, varying
from embbench.analysis.collapse.collapse import Result
from embbench.plain import one_line

PATH = ("table", "update")

FactValues = dict[str | None, None]  # in order; None: a round without the fact


def what_ran(results: Sequence[Result]) -> list[str]:
    """Lines by contender: 'pytorch: lstm oneDNN · threads 2', then 'trainable fused: optimizer Adam fused'."""
    by_contender: dict[str, list[Result]] = {}
    for result in results:
        by_contender.setdefault(result.case.contender, []).append(result)
    lines = []
    for contender, group in by_contender.items():
        lines += _lines(contender, group, f"{contender} " if len(by_contender) > 1 else "")
    return [one_line(line) for line in lines]


def _lines(contender: str, results: Sequence[Result], prefix: str) -> Iterable[str]:
    names = dict.fromkeys(name for result in results for round_ in result.good for name in round_.ran)
    by_axes: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        by_axes.setdefault(_telling_axes(name, results), []).append(name)
    for axes in sorted(by_axes, key=len):
        labels: dict[str, list[str]] = {}
        for label, group in _grouped(axes, results).items():
            if text := " · ".join(filter(None, (_fact(name, group) for name in by_axes[axes]))):
                labels.setdefault(text, []).append(label)
        for text, names_of in labels.items():
            yield f"{prefix}{', '.join(names_of)}: {text}" if axes else f"{contender}: {text}"


def _telling_axes(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    """The axes whose values decide the fact; () where all cases agree, or where no axes decide."""
    others = [axis for axis in varying(results) if axis not in PATH]
    for axes in ((), PATH, *((axis,) for axis in others), *((*PATH, axis) for axis in others)):
        if all(len(_values(name, group)) < 2 for group in _grouped(axes, results).values()):
            return axes
    return ()


def _grouped(axes: tuple[str, ...], results: Sequence[Result]) -> dict[str, list[Result]]:
    """By label: 'trainable sparse', 'device cuda', 'trainable sparse with vocab 2M'."""
    path = tuple(axis for axis in axes if axis in PATH)
    groups: dict[str, list[Result]] = {}
    for result in results:
        words = [joined(path, [axis_value(result, axis) for axis in path])] if path else []
        words += [f"{axis} {axis_text(axis, axis_value(result, axis))}" for axis in axes if axis not in path]
        groups.setdefault(" with ".join(words), []).append(result)
    return groups


def _values(name: str, results: Sequence[Result]) -> FactValues:
    rounds = [round_ for result in results for round_ in result.good if round_.ran]
    return {str(round_.ran[name]) if name in round_.ran else None: None for round_ in rounds}


def _fact(name: str, results: Sequence[Result]) -> str:
    values = listed([value for value in _values(name, results) if value is not None], " / ")
    return f"{name} {values}" if values else ""
