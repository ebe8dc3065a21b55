"""`embbench explain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.flags import (
    AXIS_FLAGS,
    VIEW_FLAGS,
    Details,
    ExplainedModel,
    Flags,
    ModelTime,
    NoWait,
    Output,
    one_of,
    with_flags,
)
from embbench.cli.output import say
from embbench.cli.python_flag import PYTHON_FLAG
from embbench.cli.result_files import read
from embbench.cli.show import show

if TYPE_CHECKING:
    from embbench.launch.runner import Work
    from embbench.store.round import Round

SUITE = "explain"
PATH = ("table", "update", "runtime")
WAY = ("contender", *PATH)
FILTER_FLAG = {"filter": VIEW_FLAGS["filter"]}
PLOTS = ("time", "memory", "phases", "roofline", "crossover", "rows")


@with_flags(AXIS_FLAGS, FILTER_FLAG, PYTHON_FLAG)
def explain(
    flags: Flags,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Results from `embbench run`. If not given: explain measures.")
    ] = None,
    model: ExplainedModel = "",
    within: ModelTime = None,
    advise_only: Annotated[bool, typer.Option("--advise-only", help="The same as --format json.")] = False,
    validate: Annotated[
        bool, typer.Option("--validate", help="Predict every measured size from the other sizes.")
    ] = False,
    plot: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Draw time, memory, phases, roofline, crossover or rows; --output FILE.svg writes SVG, FILE.txt text.",
            show_default=False,
        ),
    ] = "",
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Results file for new measurements; a dated file if not given.", show_default=False
        ),
    ] = None,
    no_wait: NoWait = False,
    details: Details = False,
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
    output: Output = None,
) -> int:
    """Explain the cost of a step: what grows and why, the least time, and what to change.

    The axes choose the case. By default it is the largest case of the table that trains with the default update.
    Without results, explain measures the case at four sizes, its parts and its alternatives. 2M rows take minutes.

    \b
    Examples:
      embbench explain
      embbench explain --vocab 500k --optimizer sgd
      embbench explain results/embedding-scaling.jsonl
      embbench explain today.jsonl --update fused --advise-only
      embbench explain today.jsonl --validate
      embbench explain 1-of-2.jsonl 2-of-2.jsonl --filter machine=0c308c1a
      embbench explain today.jsonl --plot time --output time.svg
      embbench explain --model wlm.py:build --python wlm:build=.venv-a/bin/python

    \b
    Exit codes: 0 explained, 2 usage or broken file, 4 a case broke while explain measured, 5 nothing to explain,
    130 interrupted.
    """
    import functools

    from embbench.cli.broken_cases import tell_broken
    from embbench.cli.explain_output import check_plot_file, draw, gather
    from embbench.cli.explain_pictures import explain_pictures
    from embbench.cli.explained_case import choose_case
    from embbench.cli.own_model import explain_model
    from embbench.errors import NothingMeasured, UsageError
    from embbench.report.explain_document import explain_document
    from embbench.report.writers import check_format

    if files and flags["python"]:
        raise UsageError("--python is for new measurements: leave --python out, or the results files")
    if flags["filter"] and not files and not model:
        raise UsageError("--filter chooses among results: name their files")
    wanted = check_format("json" if advise_only else format_name, csv=False)
    if model:
        if files or plot or validate or flags["filter"]:
            raise UsageError("--model measures your own model: leave files, --filter, --plot and --validate out")
        return explain_model(model, flags, within, out, not no_wait, wanted, output, details)
    if within is not None:
        raise UsageError("--within is for --model; `embbench run --within` measures other cases longer")
    if plot:
        one_of("plot", plot, PLOTS)
        check_plot_file(output, wanted)
    broke = 0
    if files:
        rounds = read(files)
    else:
        code, rounds, work = _measured(flags, out, not no_wait)
        if code:
            return code
        broke = tell_broken(rounds, work)  # first: the other rounds may explain nothing
    try:
        results, measures, chosen = choose_case(rounds, flags, files or ())
    except NothingMeasured as error:
        if not broke:
            raise
        say(str(error))
        return broke
    if plot:
        draw(plot, results, measures, chosen, files or (), output, wanted)
        return broke
    if validate:
        from embbench.report.validation import validation_document

        show(validation_document(chosen, results, measures), wanted, output)
        return broke
    made = gather(chosen, results, measures, files or ())
    pictures = functools.partial(explain_pictures, made.explanation, results, measures, files or ())
    show(explain_document(made, pictures), wanted, output, details=details)
    return broke


def _measured(flags: Flags, out: str | None, wait: bool) -> "tuple[int, tuple[Round, ...], Work]":
    """(exit code, rounds, work). The exit code is 0 unless the user interrupts. Unknown ceilings are measured first."""
    import msgspec

    from embbench.cases.axes import parse_axis
    from embbench.cases.suite import load_suite
    from embbench.cli.explained_case import asked_vocab
    from embbench.cli.known_ceilings import known_ceilings
    from embbench.cli.next_rounds import Sharpening
    from embbench.cli.planning import make_work
    from embbench.cli.run import Watch, measure
    from embbench.errors import EXIT_INTERRUPTED
    from embbench.launch.resume import kept
    from embbench.report.assemble import build

    suite, largest = load_suite(SUITE), asked_vocab(flags)
    first, *others = suite.blocks
    blocks = [_scaled({**each, **of_path(flags, each, each is first)}, largest) for each in (first, *others)]
    blocks = _in_ranks(blocks, parse_axis("ranks", flags["ranks"] or "1")[0])
    suite = msgspec.structs.replace(suite, blocks=tuple(blocks))
    none = dict.fromkeys((*PATH, "vocab", "ranks", "suite", "preset", "within", "rounds", "budget", "timeout"))
    work, _ = make_work({**flags, **none}, False, suite, paced=True)
    work, case = _of_its_path(work), work.plan.cases[0]
    known_ceilings(case.device, case.threads, wait, work.pythons.for_ceilings(case.device))
    watch = Watch(Sharpening(suite.view, work.plan.cases), lambda rounds: build(rounds, suite.view))
    path, outcome = measure(work, out, False, wait, watch, renew=True)
    say(f"interrupted; {kept(path)}" if outcome.interrupted else f"results: {path}")
    return (EXIT_INTERRUPTED if outcome.interrupted else 0), outcome.rounds, work


def of_path(flags: Flags, block: dict, explained: bool) -> dict:
    """The path flags that apply to a block: all flags for the block of the explained case, only the runtime for its
    frozen table, and none for its alternatives.
    """
    axes = PATH if explained else ("runtime",) if "frozen" in block["table"] else ()
    return {axis: tuple(flags[axis]) for axis in axes if flags[axis]}


def _in_ranks(blocks: list[dict], ranks: int) -> list[dict]:
    """The blocks with ranks. With several, a further block has the largest explained case in one process."""
    if ranks == 1:
        return blocks
    alone = {**blocks[0], "vocab": (max(blocks[0]["vocab"]),), "ranks": (1,)}
    return [*({**each, "ranks": (ranks,)} for each in blocks), alone]


def _of_its_path(work: "Work") -> "Work":
    """The work without the parts of other paths, which explain does not show: they take as long as a further case."""
    import msgspec

    cases = work.plan.cases
    apart = tuple(each for each in cases if all(getattr(each, name) == getattr(cases[0], name) for name in WAY))
    return msgspec.structs.replace(work, plan=msgspec.structs.replace(work.plan, apart=apart))


def _scaled(block: dict, largest: int | None) -> dict:
    """The block with its vocabularies scaled so that the largest is `largest`."""
    if largest is None:
        return block
    shares = (value / max(block["vocab"]) for value in block["vocab"])
    return {**block, "vocab": tuple(dict.fromkeys(max(1, round(share * largest)) for share in shares))}
