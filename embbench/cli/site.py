"""`embbench site`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.output import tell
from embbench.cli.result_files import read

if TYPE_CHECKING:
    from embbench.analysis.compare.comparison import Comparison
    from embbench.report.document import Block
    from embbench.store.round import Round


def site(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Results from `embbench run`.")],
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder of the pages.")],
) -> int:
    """Write a folder of pages: an index, a page for each run, and the history of each suite and machine.

    The pages load nothing and need no server: open index.html, or publish the folder with GitHub Pages.

    \b
    Examples:
      embbench site results/*.jsonl --output site
      embbench site results/local/*.jsonl --output /tmp/site
    """
    from embbench.errors import FileError, NothingMeasured
    from embbench.report.site import INDEX, site_pages
    from embbench.report.writers.html import write_page
    from embbench.store.replacing import replace_file

    rounds = read(files)
    if not rounds:
        raise NothingMeasured("these files have no rounds")
    try:
        output.mkdir(parents=True, exist_ok=True)
        for page in site_pages(rounds, run_page, decide):
            text = write_page(page.blocks(), {}, page.up)
            replace_file(output / page.name, text.encode())
    except OSError as error:
        raise FileError(f"{error.filename}: {error.strerror}; name another folder: --output DIR") from None
    tell(f"{output / INDEX}\n")
    return 0


def run_page(rounds: "Sequence[Round]") -> "tuple[Block, ...]":
    """The page of a run, with the tables of its suite."""
    from embbench.cases.suite import View, expand
    from embbench.cli.result_files import suite_of
    from embbench.report.assemble import build
    from embbench.report.results_page import results_page

    suite = suite_of(rounds)
    made = build(
        rounds,
        View() if suite is None else suite.view,
        title="" if suite is None else suite.title,
        order=() if suite is None else expand(suite.blocks, {}),
        suite="" if suite is None else suite.name,
    )
    return results_page(made, rounds)


def decide(before: "Sequence[Round]", after: "Sequence[Round]") -> "Sequence[Comparison]":
    """What `embbench compare` says of two runs."""
    from embbench.analysis.compare.match import match
    from embbench.analysis.compare.outcome import compare
    from embbench.cli.compare_flags import compared_by_default, gate_of, parse_options

    both = [*before, *after]
    options = parse_options("", "", "", gate_of(both), compared=compared_by_default(both))
    return compare(match(before, after), options)
