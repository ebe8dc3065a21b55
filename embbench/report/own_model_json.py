"""A user's own model as JSON."""

from typing import Any

import msgspec

from embbench.analysis.cost.own_model import Changed, OwnCost, OwnGrowth
from embbench.cases.found_model import groups_of
from embbench.cases.found_table import FoundTable
from embbench.report.explain_json import bounds
from embbench.report.own_model import OwnModel, change_named, measured, summary_of
from embbench.report.own_model_verdict import advice_texts, verdict_texts
from embbench.stats.summary import summarize

SCHEMA = 1
TOLD = (
    "name", "rows", "columns", "lookups", "unique", "in_data", "moves", "padding", "sparse_gradient", "optimizer",
    "where",
)  # fmt: skip


def as_json(own: OwnModel) -> dict[str, Any]:
    """{"schema": 1, "step_time", "tables", "grows", "parts", "floor", "alternatives", "verdict"}, in base units; keys
    may be added, never changed. A number that was not measured is null.
    """
    cost = own.cost
    return {
        "schema": SCHEMA,
        "step_time": None if cost is None else bounds(cost.seconds),
        "tables": [_table_json(each) for each in own.found.tables],
        "grows": None if cost is None else _grows_json(own, cost),
        "parts": {part: bounds(summarize(seconds)) for part, seconds in own.found.parts.items()},
        "floor": None if own.floor is None else {**msgspec.to_builtins(own.floor), "total": own.floor.total},
        "alternatives": [_change_json(name, changed, own) for name, changed in measured(own).items()],
        "verdict": " ".join((*verdict_texts(own.found, cost), *advice_texts(own.found, cost))),
        "notes": list(own.found.notes),
    }


def _grows_json(own: OwnModel, cost: OwnCost) -> dict[str, Any]:
    sizes = [
        {
            "rows": each.rows,
            "step_time": bounds(each.seconds),
            "times_as_long": bounds(each.ratio),
            cost.peak: bounds(each.bytes),
        }
        for each in cost.sizes
    ]
    return {
        **_growth_json(cost.growth),
        "sizes": sizes,
        "grown_too": own.found.grown,
        "groups": _groups_json(own),
    }


def _growth_json(growth: OwnGrowth) -> dict[str, Any]:
    return {
        "values": growth.values,
        "grows": growth.grows,
        "share": bounds(growth.share),
        "half_from": growth.half,
        "times_as_long": bounds(growth.ratio),
    }


def _groups_json(own: OwnModel) -> list[dict[str, Any]]:
    """The growth with further tables."""
    groups = groups_of(own.found.tables)
    return [
        {"tables": [each.name for each in groups[number - 1]], **_growth_json(growth)}
        for number, growth in ({} if own.cost is None else own.cost.groups).items()
    ]


def _table_json(table: FoundTable) -> dict[str, Any]:
    told = {name: getattr(table, name) for name in TOLD}
    uses = [msgspec.to_builtins(use) for use in table.uses]
    because = list(table.because)
    return {
        **told, "bytes": table.size, "class": table.semantic, "because": because, "shared": table.shared, "uses": uses,
    }  # fmt: skip


def _change_json(name: str, changed: Changed | None, own: OwnModel) -> dict[str, Any]:
    found = change_named(name, own.found)
    peak = "host_peak" if own.cost is None else own.cost.peak
    return {
        "name": name,
        "summary": summary_of(name, found),
        "step_time": None if changed is None else bounds(changed.seconds),
        "times_as_long": None if changed is None else bounds(changed.ratio),
        peak: None if changed is None else bounds(changed.bytes),
        "training": "same" if found is None else found.training,
        "difference": None if found is None else found.difference,
        "why": found.why if found is not None and found.why else "" if changed is None else changed.reason,
        "patch": "" if found is None else found.patch,
    }
