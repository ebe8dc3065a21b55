"""`embbench plan`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.flags import PLAN_FLAGS, Flags, with_flags

SCHEMA = 1  # of the JSON values: keys may be added, never changed
HEADINGS = ("case", "rounds", "memory", "passes", "time, about", "")

if TYPE_CHECKING:
    from embbench.launch.estimate import Prediction
    from embbench.launch.runner import Work
    from embbench.report.document import Document


@with_flags(PLAN_FLAGS)
def plan(
    flags: Flags,
    force: Annotated[bool, typer.Option("--force", help="Also count cases that do not seem to fit.")] = False,
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md or json.")] = "text",
) -> int:
    """Show what `run` would measure, without measuring: cases, memory, passes over the table, time.

    Times are rough estimates from the declared passes and a nominal bandwidth.

    \b
    Examples:
      embbench plan
      embbench plan --vocab 2M:64M:x2 --optimizer adam
      embbench plan --suite sparse-updates --preset thorough --format json

    \b
    Exit codes: 0 planned, 2 usage or broken file, 5 no case can run here.
    """
    from embbench.cli.planning import make_work, tell
    from embbench.cli.show import GREP_WIDTH, show
    from embbench.errors import EXIT_NOTHING_MEASURED
    from embbench.launch.runner import predict
    from embbench.report.writers import check_format

    check_format(format, csv=False)
    work, _ = make_work(flags, force, paced=True)
    tell(work.plan.sources.values())
    predictions = predict(work)
    show(plan_document(work, predictions), format, pipe=GREP_WIDTH)
    return 0 if _runs(predictions) else EXIT_NOTHING_MEASURED


def as_data(work: "Work", predictions: "list[Prediction]") -> dict[str, Any]:
    """The plan as JSON values: {schema, suite, plan_id, protocol, cases: [...], sources: [...], seconds}; bytes and
    seconds as numbers. sources: the files of token streams; a path is in base64, `name` is its readable form.
    """
    import msgspec

    from embbench.cases.case import case_id

    cases = [{"case_id": case_id(each.case), **msgspec.to_builtins(each)} for each in predictions]
    return {
        "schema": SCHEMA,
        "suite": work.plan.suite,
        "plan_id": work.plan.plan_id,
        "protocol": msgspec.to_builtins(work.plan.protocol),
        "cases": cases,
        "sources": [
            {**msgspec.to_builtins(each), "name": each.name, "warning": each.warning}
            for each in work.plan.sources.values()
        ],
        "seconds": max(work.plan.protocol.within, sum(each.seconds / work.plan.protocol.rounds for each in predictions))
        if work.plan.protocol.within and _runs(predictions)
        else sum(each.seconds for each in predictions),
    }


def plan_document(work: "Work", predictions: "list[Prediction]") -> "Document":
    """A row per case, and a sentence about the whole plan."""
    from embbench.cases.case import also_varying
    from embbench.report.document import Document, Grid, Sentences

    also = also_varying([each.case for each in predictions])
    fewest = _fewest(work, predictions)
    grid = Grid(headings=HEADINGS, left=("case", ""), rows=tuple(_row(each, also, fewest) for each in predictions))
    return Document(blocks=(grid, Sentences((_sum(work, predictions),))), data=as_data(work, predictions))


def _sum(work: "Work", predictions: "list[Prediction]") -> str:
    from embbench.cases.units import format_duration
    from embbench.launch.estimate import duration

    runs = _runs(predictions)
    if not runs:
        return "No case can run here; the table shows the reasons."
    protocol, fewest = work.plan.protocol, _fewest(work, predictions)
    rounds = sum(each.rounds for each in runs) if fewest is None else fewest * len(runs)
    first, whole = (sum(each.seconds for each in runs) / part for part in (protocol.rounds, 1))
    took = f"about {duration(whole)}"
    if fewest is not None and first > protocol.within:
        took = (
            f"about {duration(first)}: a first round of all cases takes longer than {format_duration(protocol.within)}"
        )
    elif fewest is not None:
        took = f"in {format_duration(protocol.within)}"
    return (
        f"{len(runs)} of {len(predictions)} cases in {rounds}{_MORE if fewest else ''} rounds (preset "
        f"{protocol.preset}), {took}. Passes: reads and writes of the whole table per step."
    )


_MORE = " or more"


def _runs(predictions: "list[Prediction]") -> "list[Prediction]":
    return [each for each in predictions if each.status == "run"]


def _fewest(work: "Work", predictions: "list[Prediction]") -> int | None:
    """The least number of rounds per case in the plan's time; None for a fixed number."""
    protocol = work.plan.protocol
    if not protocol.within:
        return None
    return protocol.rounds if sum(each.seconds for each in predictions) <= protocol.within else 1


def _row(each: "Prediction", also: tuple[str, ...], fewest: int | None) -> tuple[str, ...]:
    from embbench.cases.case import label
    from embbench.cases.units import format_quantity
    from embbench.launch.estimate import duration

    name = label(each.case, also)
    if each.needed is None:
        return name, "–", "–", "–", "–", f"{each.status}: {each.reason}"
    fits = "unknown whether it fits" if each.free is None else "fits" if each.needed <= each.free else ""
    return (
        name,
        (str(each.rounds) if fewest is None else f"{fewest}{_MORE}") if each.status == "run" else "–",
        format_quantity(each.needed, "B"),
        f"{each.passes:g}",
        duration(each.seconds) if each.status == "run" else "–",
        f"{each.status}: {each.reason}" if each.reason else fits or "does not fit; forced",
    )
