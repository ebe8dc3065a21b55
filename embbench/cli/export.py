"""`embbench export` and `embbench import`."""

from pathlib import Path
from typing import Annotated

import typer

from embbench.cli.flags import Output
from embbench.cli.output import put
from embbench.cli.result_files import read


def export(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Results from `embbench run`.")],
    to: Annotated[str, typer.Option(metavar="NAME", help="pytest-benchmark, github-action-benchmark, bencher or csv.")],
    output: Output = None,
) -> int:
    """Write results in the format of another tool.

    pytest-benchmark gets all samples and the rounds, which `embbench import` reads back. github-action-benchmark
    (customSmallerIsBetter) and Bencher get step time and peak memory. csv gets all metrics.

    \b
    Examples:
      embbench export results/embedding-scaling.jsonl --to pytest-benchmark --output scaling.json
      embbench export results/*.jsonl --to bencher | bencher run --adapter json --file /dev/stdin
    """
    from embbench.errors import NothingMeasured
    from embbench.report.exports import check_export, render_export

    check_export(to)
    rounds = read(files)
    if all(line.status != "ok" for line in rounds):
        raise NothingMeasured("no round of these files has a number to export")
    text = render_export(rounds, to)
    put(lambda _width, _colour: text, output)
    return 0


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File from pytest-benchmark: --benchmark-json or autosave.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Results file that gets the rounds.")],
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
) -> int:
    """Write the rounds of a pytest-benchmark file into a results file, for `compare` and `report`.

    \b
    Examples:
      pytest suites/ci.toml --benchmark-json before.json
      embbench import before.json --out before.jsonl
      embbench compare before.jsonl after.jsonl
    """
    from embbench.cli.show import GREP_WIDTH, show
    from embbench.report.pytest_benchmark import read_pytest_benchmark
    from embbench.report.saved_document import import_document
    from embbench.report.writers import check_format
    from embbench.store.journal import Journal
    from embbench.store.round import encode

    check_format(format_name, csv=False)
    rounds = read_pytest_benchmark(file)
    with Journal(out) as journal:
        there = set(map(encode, journal.rounds))
        new = [line for line in rounds if encode(line) not in there]
        for line in new:
            journal.append(line)
    show(import_document(out, len(new), len(rounds) - len(new)), format_name, pipe=GREP_WIDTH)
    return 0
