"""The caption of a report: machine, versions, protocol, dates, constant axes, warnings."""

from collections.abc import Iterable, Sequence
from typing import Any

from embbench.analysis.collapse.axes import axis_text, listed, varying
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures, workload
from embbench.cases.case import AXES, COUNT_AXES, NO_UPDATE, Case, has_axis
from embbench.cases.semantics import in_order, meaning
from embbench.cases.tokens import PADDING
from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.report.caches import about_caches
from embbench.report.how_measured import MOST_VALUES, dates, disturbed, left_out, protocol_text, warnings_of
from embbench.report.project import Projection
from embbench.report.tables import tokens_text
from embbench.report.trial_facts import what_ran
from embbench.stats.summary import median
from embbench.store.machine import kind_of, name_of
from embbench.store.round import Round

USUAL = Case()
UNTOLD = ("ids", "workload", "runtime", "ranks")  # axes that are left out where they are usual
NAMED = ("contender", "workload", "table", "runtime")  # axes of text that are shown with their name


def make_caption(
    results: Sequence[Result], projection: Projection, measures: Measures, by_row: bool
) -> list[tuple[str, str]]:
    """(word, text) in the order of reading. by_row: whether the table shows the token stream's figures by row."""
    rounds = [round_ for result in results for round_ in result.rounds]
    lines = [("same for all", _constants(results, projection))]
    lines += [("tokens", text) for text in _tokens(results, measures, by_row)]
    lines += [("padding", text) for text in _padding(results, measures)]
    lines += [("text", text) for text in _sources(rounds)]
    lines += [("classes", text) for text in _classes(results)]
    lines += [("machine", text) for text in machines(results).values()]
    lines += [*about_caches(rounds), *(("software", text) for text in _software(results))]
    lines += [("ran", text) for text in what_ran(results)]
    lines.append(("suite", listed(dict.fromkeys(round_.suite for round_ in rounds if round_.suite))))
    lines.append(("protocol", protocol_text(results)))
    lines.append(("measured", dates(rounds)))
    lines += [("left out", left_out(results)), ("disturbed", disturbed(results))]
    lines += [("warning", text) for text in warnings_of(rounds)]
    return [(word, text) for word, text in lines if text]


def alarms(results: Sequence[Result], projection: Projection) -> list[str]:
    """Reasons why the tables are no single comparison: several machines, several versions of a contender."""
    texts = []
    shown = projection.row + projection.col
    if len(described := machines(results)) > 1:
        names = "; ".join(f"{name} ({text.partition(' · ')[0]})" for name, text in described.items())
        kinds = {kind_of(round_.machine) for result in results for round_ in result.rounds}
        twins = ", or let machines of one kind count as one with --across twin" if len(kinds) < len(described) else ""
        texts.append(
            f"The results are from {len(described)} machines: {names}. No ratio crosses machines. Keep one machine "
            f"with --filter machine={next(iter(described))}{twins}"
        )
    by_contender: dict[str, dict[str, None]] = {}
    for result in results:
        by_contender.setdefault(result.case.contender, {})[result.software] = None
    for contender, versions in by_contender.items():
        if len(versions) == 1:
            continue
        texts.append(
            f"The results of {contender} mix package versions: {'; '.join(versions)}. No ratio crosses versions. Keep "
            f"one version with --filter 'software={next(iter(versions))}'"
            + ("" if "software" in shown else f", or separate the versions with {_row('software', projection)}")
        )
    return texts


def joined_twins(results: Iterable[Result]) -> list[str]:
    """A line per kind of machine of which several machines count as one."""
    names: dict[str, set[str]] = {}
    for result in results:
        names.setdefault(result.machine, set()).update(name_of(round_.machine) for round_ in result.rounds)
    return [
        f"{len(of)} machines of the kind {kind} count as one machine (--across twin). Their times may differ."
        for kind, of in names.items()
        if len(of) > 1
    ]


def _row(axis: str, projection: Projection) -> str:
    """The flag that puts the axis before the axes of the rows."""
    return f"--row {','.join((axis, *projection.row))}"


def machines(results: Iterable[Result]) -> dict[str, str]:
    """Name of a machine -> its description in one line."""
    facts: dict[str, dict[str, dict[str, None]]] = {}
    for result in results:
        known = facts.setdefault(result.machine, {})
        for machine in machine_facts(result.rounds):
            for key, text in _machine_parts(machine):
                known.setdefault(key, {})[text] = None
    return {name: " · ".join(listed(texts, " / ") for texts in known.values()) or name for name, known in facts.items()}


def machine_facts(rounds: Iterable[Round]) -> list[dict[str, Any]]:
    """The distinct machines, or states of a machine, in order of first appearance."""
    return list({repr(round_.machine): round_.machine for round_ in rounds}.values())


def _machine_parts(machine: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if machine.get("cpu"):
        yield "cpu", one_line(str(machine["cpu"]))
    if cpus := machine.get("cpus"):
        yield "cpus", f"{cpus} CPU{'s' if cpus != 1 else ''}"
    if quota := machine.get("quota"):
        yield "quota", f"quota of {quota:g} CPUs"
    if memory := machine.get("memory"):
        yield "memory", format_quantity(memory, "B", 3)
    if limit := machine.get("limit"):
        yield "limit", f"limit of {format_quantity(limit, 'B', 3)}"
    if "devices" in machine:
        devices = machine["devices"] or ["no GPU"]
        yield "devices", ", ".join(one_line(str(device)) for device in devices)
    if machine.get("driver"):
        yield "driver", f"driver {one_line(str(machine['driver']))}"
    if machine.get("system") or machine.get("kernel"):
        yield "system", one_line(" ".join(str(machine[key]) for key in ("system", "kernel") if machine.get(key)))
    if machine.get("huge_pages"):
        yield "huge pages", f"huge pages {machine['huge_pages']}"
    if machine.get("free_page_reporting"):
        yield "free page reporting", "free memory goes back to the hypervisor"
    if machine.get("governor"):
        yield "governor", f"governor {machine['governor']}"


def _software(results: Sequence[Result]) -> list[str]:
    """A single line if all contenders agree, else a line per contender."""
    by_contender: dict[str, dict[str, dict[str, None]]] = {}
    for result in results:
        known = by_contender.setdefault(result.case.contender, {})
        for round_ in result.rounds:
            for name, version in round_.software.items():
                known.setdefault(name, {})[version] = None
    merged: dict[str, dict[str, None]] = {}
    for known in by_contender.values():
        for name, versions in known.items():
            merged.setdefault(name, {}).update(versions)
    if len(by_contender) == 1 or all(len(versions) == 1 for versions in merged.values()):
        return [_versions(merged)]
    return [f"{contender}: {_versions(known)}" for contender, known in by_contender.items()]


def _versions(known: dict[str, dict[str, None]]) -> str:
    return " · ".join(f"{one_line(name)} {listed(versions, ' / ')}" for name, versions in known.items())


def _constants(results: Sequence[Result], projection: Projection) -> str:
    """The axes that have a single value and stand in no heading."""
    case = results[0].case
    free = {*varying(results), *projection.row, *projection.col, "update"}
    free |= {axis for axis in UNTOLD if getattr(case, axis) == getattr(USUAL, axis)}
    values = []
    for axis in AXES:
        if axis not in free and has_axis(case, axis):
            text = axis_text(axis, getattr(case, axis))
            values.append(f"{axis} {text}" if axis in COUNT_AXES or axis in NAMED else text)
    updates = {result.case.update for result in results} - {NO_UPDATE}
    if "update" not in projection.row + projection.col and len(updates) == 1:
        values.append(f"update {updates.pop()}")
    return " · ".join(values)


def _tokens(results: Sequence[Result], measures: Measures, by_row: bool) -> list[str]:
    legend = "U: distinct rows per batch; U/N: U over its {} lookups; most: lookups of the most frequent row"
    lookups = {str(result.case.rows_per_step) for result in results}
    if by_row:
        return [legend.format(lookups.pop() if len(lookups) == 1 else "N")]
    differing = varying(results) if workload(results, measures) is None else []
    axes = [axis for axis in ("tokens", "vocab", "batch", "seq") if axis in differing]
    groups: dict[tuple, list[Result]] = {}
    for result in results:
        groups.setdefault(tuple(getattr(result.case, axis) for axis in axes), []).append(result)
    lines = []
    for values, group in groups.items():
        if stream := workload(group, measures):
            rows, share, most = tokens_text(stream)
            named = [f"{axis} {axis_text(axis, value)}" for axis, value in zip(axes, values, strict=True)]
            where = " ".join(named) or " / ".join(dict.fromkeys(result.case.tokens for result in group))
            total = "/".join(dict.fromkeys(str(result.case.rows_per_step) for result in group))
            lines.append(
                f"{where}: a batch touches U = {rows} distinct rows in N = {total} lookups (U/N = {share}); "
                f"lookups of the most frequent row: {most}"
            )
    return lines[:MOST_VALUES] + ([f"… and {len(lines) - MOST_VALUES} more"] if len(lines) > MOST_VALUES else [])


def _padding(results: Sequence[Result], measures: Measures) -> list[str]:
    """The share of padding in each stream of padded texts."""
    shares: dict[str, dict[str, None]] = {}
    for result in results:
        if medians := list(measures.medians(result, "padding_share").values()):
            shares.setdefault(result.case.tokens, {})[format_quantity(median(medians), "1", 3)] = None
    return [
        f"{tokens}: {listed(texts, ' / ')} of the lookups are padding. Row {PADDING} holds it and trains like any other"
        for tokens, texts in shares.items()
    ]


def _sources(rounds: Sequence[Round]) -> list[str]:
    """The file of each content at the time of measuring."""
    names: dict[str, dict[str, None]] = {}
    for round_ in rounds:
        if source := round_.conditions.get("source"):
            names.setdefault(round_.case.tokens, {})[one_line(str(source))] = None
    return [f"{tokens}: {listed(files, ' / ')}" for tokens, files in names.items()]


def _classes(results: Sequence[Result]) -> list[str]:
    return [f"{name}: {meaning(name)}" for name in in_order(result.semantic for result in results if result.semantic)]
