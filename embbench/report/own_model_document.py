"""A user's own model, what its step costs and what would change that -> a Document."""

from typing import Any

import msgspec

from embbench.analysis.cost.own_model import Changed, OwnCost
from embbench.cases.found_change import FoundChange
from embbench.cases.found_model import FoundModel
from embbench.cases.found_table import FoundTable
from embbench.cases.runtimes import SYSTEM
from embbench.cases.units import format_count, format_quantity
from embbench.report.document import Block, Document, Grid, Heading, Notes, Sentences, only_filled
from embbench.report.explain_json import bounds
from embbench.report.figures import brief, ratio_text, spread_text, value_text
from embbench.report.own_model_verdict import table_text, verdict_texts
from embbench.stats.summary import Summary

SCHEMA = 1
TOLD = (
    "name", "rows", "columns", "lookups", "unique", "moves", "padding", "sparse_gradient", "optimizer", "where",
    "states",
)  # fmt: skip
SMALL = 0.01  # of the bytes of all tables: a smaller table is shown with --details only


class OwnModel(msgspec.Struct, frozen=True):
    """name: of the model, as the user wrote it. cost: None where nothing was measured."""

    name: str
    found: FoundModel
    cost: OwnCost | None


def own_model_document(own: OwnModel) -> Document:
    """The verdict, why, and what helps; the tables follow with all details."""
    found = own.found
    heading = Heading(f"What does a step of {own.name} cost, and is its table the problem?")
    notes = Notes(tuple(_sentence(text) for text in _notes(found)))
    verdict = Sentences(verdict_texts(found, own.cost), strong=True)
    large = [each for each in found.tables if each.size >= SMALL * sum(other.size for other in found.tables)]
    why = Sentences(tuple(table_text(each) for each in large[:1]))
    changes = _changes(own)
    every = Sentences(tuple(table_text(each) for each in found.tables))
    return Document(
        blocks=only_filled(heading, verdict, changes, _tables(found.tables), every, *_more(found), notes),
        screen=only_filled(heading, verdict, why, changes, notes),
        data=as_json(own),
    )


def as_json(own: OwnModel) -> dict[str, Any]:
    """{"schema": 1, "step_time", "tables", "grows", "parts", "alternatives", "verdict"}, in base units; keys may be
    added, never changed. A number that was not measured is null.
    """
    cost = own.cost
    return {
        "schema": SCHEMA,
        "step_time": None if cost is None else bounds(cost.seconds),
        "tables": [_table_json(each) for each in own.found.tables],
        "grows": None if cost is None else _growth_json(cost),
        "parts": own.found.parts,
        "alternatives": [_change_json(name, changed, own) for name, changed in _measured(own).items()],
        "verdict": " ".join(verdict_texts(own.found, cost)),
        "notes": list(own.found.notes),
    }


def _growth_json(cost: OwnCost) -> dict[str, Any]:
    growth = cost.growth
    return {
        "values": growth.sweep.values,
        "grows": growth.grows,
        "share": bounds(growth.share(cost.rows)),
        "half_from": growth.break_even(),
    }


def _table_json(table: FoundTable) -> dict[str, Any]:
    names = (
        "name",
        "rows",
        "columns",
        "lookups",
        "unique",
        "moves",
        "padding",
        "sparse_gradient",
        "optimizer",
        "where",
    )
    told = {name: getattr(table, name) for name in names}
    uses = [msgspec.to_builtins(use) for use in table.uses]
    because = list(table.because)
    return {
        **told, "bytes": table.size, "class": table.semantic, "because": because, "shared": table.shared, "uses": uses,
    }  # fmt: skip


def _change_json(name: str, changed: Changed | None, own: OwnModel) -> dict[str, Any]:
    found = _found(name, own.found)
    peak = "host_peak" if own.cost is None else own.cost.peak
    return {
        "name": name,
        "summary": _summary(name, found),
        "step_time": None if changed is None else bounds(changed.seconds),
        "times_as_long": None if changed is None else bounds(changed.ratio),
        peak: None if changed is None else bounds(changed.bytes),
        "training": "same" if found is None else found.training,
        "difference": None if found is None else found.difference,
        "why": found.why if found is not None and found.why else "" if changed is None else changed.reason,
        "patch": "" if found is None else found.patch,
    }


def _measured(own: OwnModel) -> dict[str, Changed | None]:
    """Name of a change -> its cost; None for a change that was refused."""
    known = {} if own.cost is None else {_name(each): each for each in own.cost.changes}
    return {**{each.name: known.get(each.name) for each in own.found.changes}, **known}


def _name(changed: Changed) -> str:
    return changed.update if changed.runtime == SYSTEM else changed.runtime


def _found(name: str, found: FoundModel) -> FoundChange | None:
    """The change; None for a runtime, which leaves the training as it is."""
    return next((each for each in found.changes if each.name == name), None)


def _summary(name: str, found: FoundChange | None) -> str:
    return f"memory: --runtime {name}" if found is None else found.summary


def _changes(own: OwnModel) -> Grid:
    rows = []
    for name, changed in sorted(_measured(own).items(), key=lambda item: _rank(item[1], _found(item[0], own.found))):
        found = _found(name, own.found)
        if changed is None or changed.seconds is None:
            continue
        ratio = "" if changed.ratio is None else ratio_text(changed.ratio)
        rows.append((_summary(name, found), _time(changed.seconds), ratio, _bytes(changed.bytes), _training(found)))
    return Grid(
        headings=("what you change", "step", "ratio", "memory", "training"),
        left=("what you change", "training"),
        rows=tuple(rows),
    )


def _rank(changed: Changed | None, found: FoundChange | None) -> tuple[bool, float]:
    """The same training comes first, then the fastest."""
    other = found is not None and found.training != "same"
    return other, float("inf") if changed is None or changed.seconds is None else changed.seconds.center


def _training(found: FoundChange | None) -> str:
    if found is None or found.identical:
        return "same"
    if found.training == "same":
        return f"same, but for {found.difference:.1g}"
    return f"{found.training}: {found.why}"


def _time(seconds: Summary) -> str:
    return f"{value_text(seconds, 'step_time')} {spread_text(seconds, 's')}".strip()


def _bytes(peak: Summary | None) -> str:
    return "" if peak is None else value_text(peak, "host_peak")


def _tables(tables: tuple[FoundTable, ...]) -> Grid:
    return Grid(
        headings=("table", "rows", "columns", "bytes", "rows in a step", "share", "class"),
        left=("table", "class"),
        rows=tuple(
            (
                each.name, format_count(each.rows), str(each.columns), format_quantity(each.size, "B"),
                f"{each.unique:.4g}", f"{100 * each.unique / each.rows:.2g}%", each.semantic,
            )
            for each in tables
        ),
    )  # fmt: skip


def _parts(found: FoundModel) -> Grid:
    whole = found.parts.get("step", 0.0)
    return Grid(
        headings=("part of a step", "time", "share"),
        left=("part of a step",),
        about="Timed in the process that looked at the model.",
        rows=tuple(
            (part.replace("_", " "), brief(seconds), f"{100 * seconds / whole:.2g}%")
            for part, seconds in sorted(found.parts.items(), key=lambda item: -item[1])
        ),
    )


def _more(found: FoundModel) -> tuple[Block, ...]:
    return _parts(found), _patches(found)


def _patches(found: FoundModel) -> Notes:
    return Notes(tuple(f"{each.name}: {each.patch}" for each in found.changes if each.patch))


def _notes(found: FoundModel) -> list[str]:
    told = [
        *found.notes,
        *(f"{each.name} was refused: {each.why}" for each in found.changes if each.training == "refused"),
    ]
    if found.alike:
        told.append("all batches look up the same rows: return different batches, as real training has")
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
