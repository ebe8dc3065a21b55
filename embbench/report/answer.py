"""Sentences under the tables: what the vocabulary costs here, what avoids the cost, and what that changes in training.

The sentences use only cases that are ok and audited, on one machine and with one set of versions. Missing parts are
left out.
"""

from collections.abc import Iterable, Sequence

from embbench.analysis.collapse.axes import axis_text, varying
from embbench.analysis.collapse.collapse import Result, reason_of
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.case import AXES, Case
from embbench.cases.semantics import meaning
from embbench.cases.units import format_count
from embbench.cases.workload import hybrid_shape
from embbench.report.answers import answer_by_workload
from embbench.report.figures import factor_text, short_text
from embbench.report.rank_answer import about_ranks
from embbench.report.ranking import rank
from embbench.report.touched_rows import about_touched_rows
from embbench.stats.effects import separates
from embbench.stats.summary import Summary

MEMORY = ("device_step_peak", "host_peak")
DEFAULT, FROZEN = ("trainable", "default"), ("frozen", "none")  # paths of a table
HYBRID = "hybrid"
ENDED = {
    "invalid": "is invalid",
    "oom_host": "ran out of memory",
    "oom_device": "ran out of device memory",
    "timeout": "timed out",
    "crash": "crashed",
    "skipped": "was skipped",
    "unsupported": "is not supported",
    "interrupted": "was interrupted",
}
PATH_AXES = ("table", "update", "vocab")
MOST_GROUPS = 2
NARROW = 1.25  # a ratio whose whole interval is closer to 1 than this may be called 'about as long'

TablePath = tuple[str, str]  # table, update
TablePaths = dict[TablePath, dict[int, Result]]


def make_answer(results: Sequence[Result], measures: Measures) -> list[str]:
    """A few sentences per group of cases that differ in path and vocabulary only, and their ranking where contenders or
    runtimes differ. [] for more than MOST_GROUPS groups, several machines, or mixed versions.
    """
    versions = {(result.case.contender, result.software) for result in results}
    if len({result.machine for result in results}) > 1 or len(versions) > len({name for name, _ in versions}):
        return []
    if told := answer_by_workload(results, measures) or [each.text for each in about_ranks(results, measures)]:
        return told
    if told := about_touched_rows(results, measures):  # about cases whose table was stepped alone
        rest = [each for each in results if isinstance(measures.summary(each, "row_cost"), Absent)]
        return told + (make_answer(rest, measures) if rest else [])
    if {"contender", "runtime"} & set(varying(results)):
        return rank(results, measures)
    groups: dict[tuple, list[Result]] = {}
    others = [axis for axis in AXES if axis not in PATH_AXES]
    for result in results:
        groups.setdefault(tuple(getattr(result.case, axis) for axis in others), []).append(result)
    if len(groups) > MOST_GROUPS:
        return []
    telling = [axis for axis in varying(results) if axis in others]
    return [
        _opened(group[0].case, telling, sentence)
        for group in groups.values()
        for sentence in _group_sentences(group, measures)
    ]


def _group_sentences(group: Sequence[Result], measures: Measures) -> Iterable[str]:
    paths: TablePaths = {}
    for result in group:
        if result.audited and not isinstance(measures.summary(result, "step_time"), Absent):
            paths.setdefault((result.case.table, result.case.update), {})[result.case.vocab] = result
    if not paths:
        return
    yield from _growth(paths, measures)
    largest = max(result.case.vocab for result in group)
    yield from _without_number(group, largest)
    at = {path: known[largest] for path, known in paths.items() if largest in known}
    yield from _alternatives(at, largest, measures)


def _growth(paths: TablePaths, measures: Measures) -> Iterable[str]:
    """The cost of the smallest and of the largest vocabulary on the same path."""
    path = next((path for path in (DEFAULT, *paths) if len(paths.get(path, {})) > 1), None)
    if path is None:
        return
    known = paths[path]
    small, large = known[min(known)], known[max(known)]
    before, after = _time(small, measures), _time(large, measures)
    few, many = format_count(small.case.vocab), format_count(large.case.vocab)
    change = measures.ratio(large, small, "step_time")
    if change is None:
        return
    apart = separates(change, 1.0)
    both = f"({_shown(after)} and {_shown(before)}{'' if apart is not None else ', from one round'})"
    name = _name(path)
    if apart is False and not _narrow(change):
        text = f"A step with {name} is not shown to differ between {many} and {few} rows {both}: the rounds scatter"
    elif apart is False or _shown(before) == _shown(after):
        text = f"A step with {name} takes about as long at {many} rows as at {few} rows {both}"
    elif change.center >= 1:
        times = f"{'' if apart else 'about '}{factor_text(change)} times"
        text = f"A step with {name} takes {times} as long at {many} rows as at {few} rows {both}"
    else:
        text = f"A step with {name} takes less time at {many} rows than at {few} rows {both}"
    yield text + "." + _memory_change(small, large, measures)


def _memory_change(one: Result, other: Result, measures: Measures) -> str:
    for metric in MEMORY:
        before, after = measures.summary(one, metric), measures.summary(other, metric)
        if not isinstance(before, Absent) and not isinstance(after, Absent):
            where = "device memory" if metric.startswith("device") else "host memory"
            return f" Peak {where} goes from {short_text(before, metric)} to {short_text(after, metric)}."
    return ""


def _without_number(group: Sequence[Result], vocab: int) -> Iterable[str]:
    """Why the default path has no number at the largest vocabulary."""
    for result in group:
        case = result.case
        if case.vocab == vocab and (case.table, case.update) == DEFAULT and result.status != "ok":
            reason = reason_of(result).rstrip(" .,")
            ended = f"{ENDED[result.status]}: {reason}" if reason else ENDED[result.status]
            yield f"At {format_count(vocab)} rows, {_name(DEFAULT)} {ended}."


def _alternatives(at: dict[TablePath, Result], vocab: int, measures: Measures) -> Iterable[str]:
    """Frozen, hybrid and the fastest trainable path against the default, and what that path changes."""
    trainable = {path: result for path, result in at.items() if path[0] == DEFAULT[0]}
    if not trainable:
        return
    default, rows = at.get(DEFAULT), f"At {format_count(vocab)} rows"
    others = []
    if FROZEN in at:
        others.append(f"{rows}, a frozen table {_against(at[FROZEN], default, measures)}.")
    others += [f"{rows}, {text}." for text in _hybrid(at, default, measures)]
    yield from others
    fastest, claim = _fastest(trainable, default, measures)
    meaning_of = "" if default is None or fastest == DEFAULT else _meaning(fastest, trainable[fastest], default)
    if len(trainable) > 1 or (others and fastest != DEFAULT):
        yield f"{rows}, {claim}.{meaning_of}"
    elif meaning_of:
        yield meaning_of.strip()


def _fastest(paths: dict[TablePath, Result], default: Result | None, measures: Measures) -> tuple[TablePath, str]:
    """The fastest path and its sentence: the default path unless another path is shown to be faster."""
    fastest = min(paths, key=lambda path: _time(paths[path], measures).center)
    if fastest == DEFAULT:
        return DEFAULT, f"no trainable path is faster than {_name(DEFAULT)}"
    level = [path for path in paths if path != fastest and not _faster(paths, fastest, path, measures)]
    if DEFAULT in level:
        return DEFAULT, f"no trainable path is shown to be faster than {_name(DEFAULT)}"
    name = f"the fastest trainable path, {_name(fastest)}," if len(paths) > 1 else _name(fastest)
    text = f"{name} {_against(paths[fastest], default, measures)}"
    if level:
        text += f"; {' and '.join(map(_name, level))} {'is' if len(level) == 1 else 'are'} not shown to be slower"
    return fastest, text


def _hybrid(at: dict[TablePath, Result], default: Result | None, measures: Measures) -> Iterable[str]:
    """The fastest hybrid table. In any class, its training differs from the training of the whole table."""
    paths = [path for path in at if path[0] == HYBRID]
    if paths:
        fastest = min(paths, key=lambda path: _time(at[path], measures).center)
        case = at[fastest].case
        rows, columns = hybrid_shape(case)
        part = f"{format_count(rows)} rows of {columns} of its {case.dim} columns"
        yield (
            f"{_name(fastest)}, another training, in which only a small part of the table trains ({part}), "
            f"{_against(at[fastest], default, measures)}"
        )


def _against(result: Result, default: Result | None, measures: Measures) -> str:
    """'takes 29.1 ms, 113 (109 to 117) times as fast as trainable default, and 3.32 GB of host memory at its peak'"""
    time = _time(result, measures)
    text = f"takes {_shown(time)}"
    if default is not None and (gain := measures.ratio(default, result, "step_time")) is not None:
        apart = separates(gain, 1.0)
        if apart is False:
            text += " (no measurable difference)" if _narrow(gain) else " (no difference shown: the rounds scatter)"
        elif gain.center >= 1:
            times = f"{'' if apart else 'about '}{factor_text(gain)} times"
            text += f", {times} as fast as {_name(DEFAULT)}"
        else:
            text += f", longer than {_name(DEFAULT)}"
    return text + _memory(result, measures)


def _memory(result: Result, measures: Measures) -> str:
    for metric in MEMORY:
        mine = measures.summary(result, metric)
        if not isinstance(mine, Absent):
            where = "device memory" if metric.startswith("device") else "host memory"
            return f", and {short_text(mine, metric)} of {where} at its peak"
    return ""


def _meaning(path: TablePath, result: Result, default: Result) -> str:
    """What the path changes in training, from the audited classes."""
    mine, theirs = result.semantic, default.semantic
    if mine == theirs:
        return f" Both are {mine}: {meaning(mine)}."
    return f" This is another training: {mine} ({meaning(mine)}) instead of {theirs} ({meaning(theirs)})."


def _narrow(change: Summary) -> bool:
    """Whether an interval around 1 is narrow enough for 'about as long'; in a wider interval nothing is known."""
    return change.low is not None and change.high is not None and change.low > 1 / NARROW and change.high < NARROW


def _faster(paths: dict[TablePath, Result], one: TablePath, other: TablePath, measures: Measures) -> bool:
    found = measures.ratio(paths[other], paths[one], "step_time")
    return found is not None and found.center > 1 and separates(found, 1.0) is True


def _time(result: Result, measures: Measures) -> Summary:
    summary = measures.summary(result, "step_time")
    assert isinstance(summary, Summary)  # the caller passes only results with this number
    return summary


def _shown(summary: Summary) -> str:
    return short_text(summary, "step_time")


def _name(path: TablePath, start: bool = False) -> str:
    """('trainable', 'default') -> 'trainable default'"""
    text = "a frozen table" if path == FROZEN else " ".join(path)
    return text[0].upper() + text[1:] if start else text


def _opened(case: Case, axes: Sequence[str], sentence: str) -> str:
    """The sentence after the shared axes of its group, where there are several groups."""
    shared = ", ".join(f"{axis} {axis_text(axis, getattr(case, axis))}" for axis in axes)
    return f"With {shared}: {sentence[0].lower()}{sentence[1:]}" if shared else sentence
