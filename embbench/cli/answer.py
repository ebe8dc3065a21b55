"""The verb `answer`: the questions of suites, answered from the results at hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.flags import Output
from embbench.errors import NothingMeasured

if TYPE_CHECKING:
    from embbench.report.answer_document import Answered
    from embbench.store.round import Round

PLACES = ("results", "results/local")  # where results are looked for, in this order
SUFFIX = ".jsonl"


def answer(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SUITE]...", help="Suites to answer, with all sentences; all suites if not given."),
    ] = None,
    results: Annotated[
        list[Path] | None,
        typer.Option(
            "--results",
            metavar="FILE",
            help="Results file; repeat it for several. If not given: those in results/ and results/local/.",
            show_default=False,
        ),
    ] = None,
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
    output: Output = None,
) -> int:
    """Answer the questions of suites in sentences, from the results at hand.

    Of several files with results of a suite, the latest measured file counts. The sentences hold for the machine and
    the versions that stand below them.

    \b
    Examples:
      embbench answer
      embbench answer inference
      embbench answer inference --results results/local/today.jsonl --format md
    """
    from embbench.cases.suite import load_suite, suite_names
    from embbench.cli.show import show
    from embbench.report.answer_document import answer_document
    from embbench.report.writers import check_format

    check_format(format_name, csv=False)
    for name in names or ():
        load_suite(name)  # raises for an unknown name before any file is read
    asked = list(dict.fromkeys(names)) if names else suite_names()
    latest = _latest(_files() if results is None else results, asked)
    answered = [_answered(name, *latest[name]) for name in asked if name in latest]
    if not answered:
        where = "results/ and results/local/ have" if results is None else "the files have"
        raise NothingMeasured(f"{where} no results of {', '.join(asked)}; `embbench run --suite NAME` measures a suite")
    document = answer_document(answered, [name for name in asked if name not in latest], whole=bool(names))
    show(document, format_name, output)
    return 0


def _files() -> list[Path]:
    return [path for place in PLACES for path in sorted(Path(place).glob(f"*{SUFFIX}"))]


def _latest(files: Sequence[Path], suites: Sequence[str]) -> "dict[str, tuple[Path, list[Round]]]":
    """Suite -> the file with its latest round, and the suite's rounds in the file."""
    from embbench.cli.result_files import read

    found: dict[str, tuple[str, Path, list[Round]]] = {}
    for path in files:
        by_suite: dict[str, list[Round]] = {}
        for round_ in read([path]):
            by_suite.setdefault(round_.suite, []).append(round_)
        for suite, rounds in by_suite.items():
            when = max(round_.started for round_ in rounds)
            if suite in suites and (suite not in found or when > found[suite][0]):
                found[suite] = when, path, rounds
    return {suite: (path, rounds) for suite, (_, path, rounds) in found.items()}


def _answered(name: str, path: Path, rounds: "list[Round]") -> "Answered":
    from embbench.cases.suite import expand, load_suite
    from embbench.report.answer_document import Answered
    from embbench.report.assemble import build

    suite = load_suite(name)
    report = build(rounds, suite.view, title=suite.title, order=expand(suite.blocks, {}), suite=suite.name)
    return Answered(suite=name, report=report, file=str(path), rounds=tuple(rounds))
