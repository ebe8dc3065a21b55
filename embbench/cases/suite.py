"""Suites: the TOML files in `suites/`. A suite has the cases that answer a question.

title = "the question of the suite, on one line"
[axes]                     # shared by all blocks; values as on the command line, or lists
vocab = "200k,2M"
[[cases]]                  # a block is the cross product of its axes and the shared axes
table = "trainable"
update = ["default", "sparse"]
[protocol]                 # preset, or single values
rounds = 3
[report]                   # the tables of `report`
row = "vocab"
col = "table,update"
metric = "step_time"
reference = "table=trainable,update=default"
[gate]                     # the metrics of `gate`, with their thresholds
step_time = "5%"
"""

import itertools
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from embbench.cases.axes import parse_axis
from embbench.cases.case import AXES, COUNT_AXES, Case, has_axis, make_case
from embbench.cases.protocol import PRESETS, Protocol, check_protocol
from embbench.cases.regular_files import read_file
from embbench.cases.thresholds import check_thresholds
from embbench.errors import UsageError, quoted, unknown
from embbench.plain import has_orders, one_line

MOST_CASES = 10_000

AxisChoices = dict[str, tuple[Any, ...]]
SECTIONS = ("title", "axes", "cases", "protocol", "report", "gate")


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The projection of results: axes of the rows and columns, metrics, reference (axis=value,...)."""

    row: str = "vocab"
    col: str = "table,update"
    metric: str = "step_time"
    reference: str = "table=trainable,update=default"


class Suite(msgspec.Struct, frozen=True):
    """A loaded suite. blocks: axis -> values, with the shared axes merged in. protocol: the fields that the suite sets.

    gate: metric -> share from which a change counts. file: path of the suite, for messages.
    """

    name: str
    title: str
    blocks: tuple[AxisChoices, ...]
    protocol: dict[str, Any]
    view: View
    file: str = ""
    gate: dict[str, float] = {}


def suites_directory() -> Path:
    """The directory of the suites: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "suites"
    return inside if inside.is_dir() else package.parent / "suites"


def suite_names() -> list[str]:
    """The names that `--suite` takes besides files."""
    return sorted(path.stem for path in suites_directory().glob("*.toml"))


def suite_path(name: str) -> Path:
    """The file of a suite by name or by file. Raises UsageError with the nearest valid name."""
    if has_orders(name):  # a results file from outside may name anything, such as a zero byte
        raise UsageError(unknown("suite", one_line(name), suite_names()))
    if name.endswith(".toml"):
        return Path(name)
    if "/" in name or "." in name:
        raise UsageError(f"suite {name}: a suite file ends in .toml")
    if name not in suite_names():
        raise UsageError(unknown("suite", name, suite_names()))
    return suites_directory() / f"{name}.toml"


def load_suite(name: str) -> Suite:
    """A suite by name or by file. Raises UsageError with file, key and nearest valid name."""
    path = suite_path(name)
    try:
        raw = tomllib.loads(read_file(path).decode())
    except OSError as error:
        names = ", ".join(suite_names())
        raise UsageError(f"suite {path}: {error.strerror}; name an existing file, or one of {names}") from None
    except ValueError as error:  # no TOML, no UTF-8, or a number of more digits than Python reads
        raise UsageError(f"suite {path}: not valid TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"suite {path}: the values are nested too deeply") from None
    try:
        return msgspec.structs.replace(_suite(path.stem, raw), file=str(path))
    except UsageError as error:
        raise UsageError(f"suite {path}: {error}") from None


def expand(blocks: Sequence[Mapping[str, Sequence[Any]]], overrides: Mapping[str, Sequence[Any]]) -> tuple[Case, ...]:
    """The cases of all blocks, in order, without repeats. overrides: axis -> values that replace the blocks' values, in
    the cases that have the axis. Raises UsageError for more than MOST_CASES, and where no case has an axis of
    `overrides`.
    """
    merged = [{**block, **overrides} for block in blocks]
    merged = [axes for place, axes in enumerate(merged) if axes not in merged[:place]]
    check_number(sum(math.prod(map(len, axes.values())) for axes in merged))
    cases: dict[Case, None] = {}
    used: set[str] = set()
    unused: dict[str, dict[str, Any]] = {}  # axis -> a case without the axis
    for axes in merged:
        for values in itertools.product(*axes.values()):
            chosen = dict(zip(axes, values, strict=True))
            if chosen.get("table") == "frozen":
                chosen.pop("update", None)
            lacking = [axis for axis in overrides if axis in chosen and not _has(chosen, axis)]
            for axis in lacking:
                unused.setdefault(axis, chosen)
            kept = {axis: value for axis, value in chosen.items() if axis not in lacking}
            used |= kept.keys()
            cases[make_case(kept)] = None
    for axis, chosen in unused.items():
        if axis not in used:
            make_case(chosen)  # raises an error that names the axis, unless its value is the default
    return tuple(cases)


def _has(chosen: Mapping[str, Any], axis: str) -> bool:
    """Whether a case of these values has the axis; True where `make_case` refuses the values for another reason."""
    naming = {name: chosen[name] for name in ("workload", "table", "tokens") if name in chosen}
    try:
        return has_axis(make_case(naming), axis)
    except UsageError:
        return True


def check_number(cases: int) -> None:
    """Raises UsageError for more than MOST_CASES."""
    if cases > MOST_CASES:
        raise UsageError(f"{cases} cases are more than {MOST_CASES}; give fewer values on some axis")


def _suite(name: str, raw: dict[str, Any]) -> Suite:
    _known(raw, SECTIONS, "key")
    title = raw.get("title", name)
    if not isinstance(title, str):
        raise UsageError("title: not text")
    shared = _axes(_section(raw, "axes"), "axes")
    blocks = raw.get("cases", [{}])
    if not isinstance(blocks, list) or not blocks or not all(isinstance(block, dict) for block in blocks):
        raise UsageError("cases: write one or more [[cases]] tables")
    merged = tuple({**shared, **_axes(block, f"cases[{index}]")} for index, block in enumerate(blocks))
    expand(merged, {})  # checks all values, so that an error names this file
    protocol, view = _protocol(_section(raw, "protocol")), _view(_section(raw, "report"))
    return Suite(name, title, merged, protocol, view, gate=check_thresholds(_section(raw, "gate"), "gate"))


def _section(raw: dict[str, Any], name: str) -> dict[str, Any]:
    section = raw.get(name, {})
    if not isinstance(section, dict):
        raise UsageError(f"{name}: write it as a table, [{name}]")
    return section


def _known(section: Mapping[str, Any], valid: Sequence[str], what: str, where: str = "") -> None:
    for key in section:
        if key not in valid:
            raise UsageError(where + unknown(what, key, valid))


def _axes(section: dict[str, Any], where: str) -> AxisChoices:
    _known(section, AXES, "axis", f"{where}: ")
    axes: AxisChoices = {}
    for name, value in section.items():
        items = value if isinstance(value, list) else [value]
        if not items:
            raise UsageError(f"{where}.{name}: empty axis; give at least one value")
        values: list[Any] = []
        for item in items:
            if isinstance(item, float) and name in COUNT_AXES and item.is_integer():
                item = int(item)  # 2e6
            if not isinstance(item, str) and (name not in COUNT_AXES or type(item) is not int):
                raise UsageError(f"{where}.{name}: {quoted(item)} has the wrong type")
            values.extend(parse_axis(name, item) if isinstance(item, str) else [item])
        axes[name] = tuple(dict.fromkeys(values))
    return axes


def _protocol(section: dict[str, Any]) -> dict[str, Any]:
    _known(section, Protocol.__struct_fields__, "key", "protocol: ")
    preset = section.get("preset", "standard")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise UsageError("protocol: " + unknown("preset", str(preset), PRESETS))
    try:
        merged = msgspec.convert({**msgspec.to_builtins(PRESETS[preset]), **section}, Protocol)
        check_protocol(merged)
    except (msgspec.ValidationError, UsageError) as error:
        raise UsageError(f"protocol: {error}") from None
    return {name: getattr(merged, name) for name in section}


def _view(section: dict[str, Any]) -> View:
    _known(section, View.__struct_fields__, "key", "report: ")
    try:
        return msgspec.convert(section, View)
    except msgspec.ValidationError as error:
        raise UsageError(f"report: {error}") from None
