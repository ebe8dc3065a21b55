"""The verb `report`: results files -> tables with an answer, on stdout or into a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.flags import VIEW_FLAGS, Flags, Format, Output, with_flags
from embbench.cli.output import put
from embbench.cli.result_files import read, suite_of
from embbench.errors import NothingMeasured

if TYPE_CHECKING:
    from embbench.report import Report


@with_flags(VIEW_FLAGS)
def report(
    files: Annotated[list[Path], typer.Argument(help="Results from `embbench run`; one file or more.")],
    flags: Flags,
    format_name: Format = "text",
    output: Output = None,
    suite: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.toml",
            help="Suite whose [report] lays out the tables; if not given, the suite of the results.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Tables of saved results: medians of rounds with 95 % intervals, audited, with what to beware of.

    \b
    Examples:
      embbench report results/local/today.jsonl
      embbench report a.jsonl b.jsonl --col contender,table,update --metric step_time,host_peak
      embbench report today.jsonl --filter 'vocab>=1M,update!=fused' --reference table=frozen --format md
      embbench report today.jsonl --row tokens,vocab --metric update_cost --format csv --output costs.csv
    """
    import msgspec

    from embbench.report import build, check_format
    from embbench.spec.suite import View, expand, load_suite

    check_format(format_name)
    rounds = read(files)
    shown_as = load_suite(suite) if suite is not None else suite_of(rounds)
    view = View() if shown_as is None else shown_as.view
    given = {name: text for name, text in flags.items() if name != "filter" and text is not None}
    made = build(
        rounds,
        msgspec.structs.replace(view, **given),
        flags["filter"] or "",
        title="" if shown_as is None else shown_as.title,
        order=() if shown_as is None else expand(shown_as.blocks, {}),
        chosen=given,
        suite="" if shown_as is None else shown_as.name,
    )
    show(made, format_name, output)
    if not made.measured:
        raise NothingMeasured("no case of the selection has a number; the notes of the report say why")
    return 0


def show(made: "Report", format_name: str, output: Path | None = None) -> None:
    """Prints the report to stdout, or writes it to `output`. Raises FileError where that fails."""
    from embbench.report import render

    put(lambda width, colour: render(made, format_name, width, colour), output)
