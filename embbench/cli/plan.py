"""`embbench plan`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.flags import PLAN_FLAGS, Flags, one_of, with_flags

PIPE_WIDTH = 1000  # one line a case, for grep

if TYPE_CHECKING:
    from embbench.launch.estimate import Prediction
    from embbench.launch.runner import Work


@with_flags(PLAN_FLAGS)
def plan(
    flags: Flags,
    force: Annotated[bool, typer.Option("--force", help="Count cases that do not seem to fit too.")] = False,
    format: Annotated[str, typer.Option("--format", metavar="NAME", help="text or json.")] = "text",
) -> int:
    """Show what `run` would measure, without measuring: cases, memory, passes over the table, time.

    Times are rough estimates from the declared passes and a nominal bandwidth.

    \b
    Examples:
      embbench plan
      embbench plan --vocab 2M:64M:x2 --optimizer adam
      embbench plan --suite sparse-updates --preset thorough --format json
    """
    from embbench.cli.planning import make_work, tell
    from embbench.launch.runner import predict

    one_of("format", format, ("text", "json"))
    work, _ = make_work(flags, force)
    tell(work.plan.sources.values())
    predictions = predict(work)
    if format == "json":
        import json

        print(json.dumps(as_data(work, predictions), indent=2))
    else:
        print_plan(work, predictions)
    return 0


def as_data(work: "Work", predictions: "list[Prediction]") -> dict[str, Any]:
    """The plan as JSON values: {suite, plan_id, protocol, cases: [...], sources: [...], seconds}; bytes and seconds as
    numbers. sources: the files that token streams are drawn from; a path is in base64, `name` is the path as shown.
    """
    import msgspec

    from embbench.spec.case import case_id

    cases = [{"case_id": case_id(each.case), **msgspec.to_builtins(each)} for each in predictions]
    return {
        "suite": work.plan.suite,
        "plan_id": work.plan.plan_id,
        "protocol": msgspec.to_builtins(work.plan.protocol),
        "cases": cases,
        "sources": [
            {**msgspec.to_builtins(each), "name": each.name, "warning": each.warning}
            for each in work.plan.sources.values()
        ],
        "seconds": sum(each.seconds for each in predictions),
    }


def print_plan(work: "Work", predictions: "list[Prediction]") -> None:
    """One line a case, and the sum."""
    from rich.console import Console
    from rich.table import Table

    from embbench.launch.estimate import duration
    from embbench.spec.case import also_varying

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("case", "rounds", "memory", "passes", "time, about", ""):
        justify = "left" if heading in ("case", "") else "right"
        table.add_column(heading, justify=justify, no_wrap=bool(heading), overflow="fold")
    also = also_varying([each.case for each in predictions])
    for each in predictions:
        table.add_row(*_row(each, also))
    console = Console(width=None if Console().is_terminal else PIPE_WIDTH, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(table)
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))
    runs = [each for each in predictions if each.status == "run"]
    rounds = sum(each.rounds for each in runs)
    print(
        f"\n{len(runs)} of {len(predictions)} cases in {rounds} rounds (preset {work.plan.protocol.preset}), "
        f"about {duration(sum(each.seconds for each in runs))}. Passes: reads and writes of the whole table in a step."
    )


def _row(each: "Prediction", also: tuple[str, ...]) -> tuple[str, ...]:
    from embbench.launch.estimate import duration
    from embbench.spec.case import label
    from embbench.spec.units import format_quantity

    name = label(each.case, also)
    if each.needed is None:
        return name, "–", "–", "–", "–", f"{each.status}: {each.reason}"
    fits = "nobody tells whether it fits" if each.free is None else "fits" if each.needed <= each.free else ""
    return (
        name,
        str(each.rounds) if each.status == "run" else "–",
        format_quantity(each.needed, "B"),
        f"{each.passes:g}",
        duration(each.seconds) if each.status == "run" else "–",
        f"{each.status}: {each.reason}" if each.reason else fits or "does not fit; forced",
    )
