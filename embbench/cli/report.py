"""The verb `report`: results files -> tables with an answer, on stdout or into a file."""

from pathlib import Path
from typing import Annotated

import typer

from embbench.cli.flags import VIEW_FLAGS, Details, Flags, Format, Output, with_flags
from embbench.cli.result_files import Twins, allows_twins, read, suite_of
from embbench.cli.show import show
from embbench.errors import NothingMeasured


@with_flags(VIEW_FLAGS)
def report(
    files: Annotated[list[Path], typer.Argument(help="Results from `embbench run`; one file or more.")],
    flags: Flags,
    across: Twins = "",
    details: Details = False,
    format_name: Format = "text",
    output: Output = None,
    suite: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.toml",
            help="Suite whose [report] lays out the tables. If not given: the suite of the results.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Show saved results: medians of rounds with 95 % intervals, and the answer in sentences.

    Results of several machines get a column with the machine. No ratio and no sentence compares two machines, unless
    --across twin says that machines of one kind may be compared.

    \b
    Examples:
      embbench report results/local/today.jsonl
      embbench report results/local/today.jsonl --details
      embbench report a.jsonl b.jsonl --col contender,table,update --metric step_time,host_peak
      embbench report today.jsonl --filter 'vocab>=1M,update!=fused' --reference table=frozen --format md
      embbench report today.jsonl --row tokens,vocab --metric update_cost --format csv --output costs.csv
      embbench report node1.jsonl node2.jsonl --across twin
    """
    import functools

    import msgspec

    from embbench.cases.suite import View, expand, load_suite
    from embbench.report.assemble import build
    from embbench.report.results_document import results_document
    from embbench.report.results_page import results_page
    from embbench.report.writers import check_format

    check_format(format_name)
    twins = allows_twins(across)
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
        twins=twins,
    )
    page = functools.partial(results_page, made, rounds, flags["filter"] or "", twins)
    document = results_document(made, [str(path) for path in files], "metric" in given, page)
    show(document, format_name, output, details=details)
    if not made.measured:
        raise NothingMeasured("no selected case has a number; the notes of the report give the reasons")
    return 0
