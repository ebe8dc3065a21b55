"""The plan of a run -> a Document."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from embbench.cases.case import also_varying, case_id, label
from embbench.cases.case_estimate import CaseEstimate
from embbench.cases.plan import Plan
from embbench.cases.units import format_duration, format_quantity, rough_duration
from embbench.report.document import Document, Grid, Sentences

SCHEMA = 1  # of the JSON values: keys may be added, never changed
HEADINGS = ("case", "rounds", "memory", "passes", "time, about", "")
_MORE = " or more"


def plan_document(plan: Plan, estimates: Sequence[CaseEstimate], pythons: Mapping[str, str] | None = None) -> Document:
    """A row per case, and a sentence about the whole plan. pythons: contender -> the Python that runs it, if not that
    of embbench.
    """
    also = also_varying([each.case for each in estimates])
    fewest = _fewest(plan, estimates)
    grid = Grid(headings=HEADINGS, left=("case", ""), rows=tuple(_row(each, also, fewest) for each in estimates))
    sentences = (_sum(plan, estimates), *_runs_in(pythons or {}))
    return Document(blocks=(grid, Sentences(sentences)), data=as_json(plan, estimates, pythons))


def as_json(plan: Plan, estimates: Sequence[CaseEstimate], pythons: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The plan as JSON values: {schema, suite, plan_id, protocol, cases: [...], sources: [...], seconds, pythons};
    bytes and seconds as numbers. sources: the files of token streams; a path is in base64, `name` is its readable form.
    pythons: see `plan_document`.
    """
    return {
        "schema": SCHEMA,
        "suite": plan.suite,
        "plan_id": plan.plan_id,
        "protocol": msgspec.to_builtins(plan.protocol),
        "cases": [{"case_id": case_id(each.case), **msgspec.to_builtins(each)} for each in estimates],
        "sources": [
            {**msgspec.to_builtins(each), "name": each.name, "warning": each.warning} for each in plan.sources.values()
        ],
        "seconds": max(plan.protocol.within, sum(each.seconds / plan.protocol.rounds for each in estimates))
        if plan.protocol.within and _runs(estimates)
        else sum(each.seconds for each in estimates),
        "pythons": dict(pythons or {}),
    }


def _runs_in(pythons: Mapping[str, str]) -> list[str]:
    """A sentence per Python: '.venv-a/bin/python runs one, another.'"""
    run: dict[str, list[str]] = {}
    for contender, python in pythons.items():
        run.setdefault(python, []).append(contender)
    return [f"{python} runs {', '.join(several)}." for python, several in run.items()]


def _sum(plan: Plan, estimates: Sequence[CaseEstimate]) -> str:
    runs = _runs(estimates)
    if not runs:
        return "No case can run here; the table shows the reasons."
    protocol, fewest = plan.protocol, _fewest(plan, estimates)
    rounds = sum(each.rounds for each in runs) if fewest is None else fewest * len(runs)
    first, whole = (sum(each.seconds for each in runs) / part for part in (protocol.rounds, 1))
    took = f"about {rough_duration(whole)}"
    if fewest is not None and first > protocol.within:
        longer = f"a first round of all cases takes longer than {format_duration(protocol.within)}"
        took = f"about {rough_duration(first)}: {longer}"
    elif fewest is not None:
        took = f"in {format_duration(protocol.within)}"
    return (
        f"{len(runs)} of {len(estimates)} cases in {rounds}{_MORE if fewest else ''} rounds (preset "
        f"{protocol.preset}), {took}. Passes: reads and writes of the whole table per step."
    )


def _runs(estimates: Sequence[CaseEstimate]) -> list[CaseEstimate]:
    return [each for each in estimates if each.status == "run"]


def _fewest(plan: Plan, estimates: Sequence[CaseEstimate]) -> int | None:
    """The least number of rounds per case in the plan's time; None for a fixed number."""
    protocol = plan.protocol
    if not protocol.within:
        return None
    return protocol.rounds if sum(each.seconds for each in estimates) <= protocol.within else 1


def _row(each: CaseEstimate, also: tuple[str, ...], fewest: int | None) -> tuple[str, ...]:
    name = label(each.case, also)
    if each.needed is None:
        return name, "–", "–", "–", "–", f"{each.status}: {each.reason}"
    fits = "unknown whether it fits" if each.free is None else "fits" if each.needed <= each.free else ""
    return (
        name,
        (str(each.rounds) if fewest is None else f"{fewest}{_MORE}") if each.status == "run" else "–",
        format_quantity(each.needed, "B"),
        f"{each.passes:g}",
        rough_duration(each.seconds) if each.status == "run" else "–",
        f"{each.status}: {each.reason}" if each.reason else fits or "does not fit; forced",
    )
