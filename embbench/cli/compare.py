"""`embbench compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.flags import Format, Metrics, Output, Strict, Threshold
from embbench.cli.result_files import read
from embbench.cli.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embbench.analysis.compare.comparison import Comparison
    from embbench.analysis.compare.match import Pair
    from embbench.store.round import Round


def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="Results to compare with, from `embbench run`.")],
    candidate: Annotated[Path, typer.Argument(metavar="CANDIDATE", help="Results to compare.")],
    metric: Metrics = "",
    threshold: Threshold = "",
    filter: Annotated[
        str, typer.Option(metavar="CONDITIONS", help="Cases to compare: 'vocab>=1M'.", show_default=False)
    ] = "",
    suite: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.toml",
            help="Suite whose [gate] sets the thresholds; if not given, the built-in suite of the results.",
            show_default=False,
        ),
    ] = None,
    across: Annotated[
        str,
        typer.Option(
            metavar="KINDS",
            help="Allow the sides to differ in: twin (machines of one kind), software, protocol, class.",
            show_default=False,
        ),
    ] = "",
    explain: Annotated[
        str | None,
        typer.Option(metavar="CASE", help="Show the decision of this case, by its name or id.", show_default=False),
    ] = None,
    strict: Strict = False,
    format_name: Format = "text",
    output: Output = None,
) -> int:
    """Compare two saved runs, case by case: ratio, interval, verdict and reason.

    A change counts where it is shown to be larger than the threshold. Two sides are the same where the change is shown
    to be smaller. All cases are decided together. Two runs have different times, so a machine that became slower looks
    like a regression: where you can, alternate both sides with `embbench ab`.

    \b
    Examples:
      embbench compare results/before.jsonl results/after.jsonl
      embbench compare before.jsonl after.jsonl --metric step_time --threshold step_time=3% --strict
      embbench compare before.jsonl after.jsonl --explain 'pytorch trainable fused adam vocab=2M'
      embbench compare old-versions.jsonl new-versions.jsonl --across software --format md

    \b
    Exit codes: 0 no regression, 1 regression, 2 usage or broken file, 3 undecided (with --strict), 4 a case broke,
    5 nothing comparable.
    """
    from embbench.analysis.compare.differences import differences
    from embbench.analysis.compare.match import shared_rounds
    from embbench.analysis.compare.outcome import compare as decide
    from embbench.analysis.compare.outcome import exit_code
    from embbench.cli.compare_flags import compared_by_default, gate_of, parse_options, read_options, thresholds_of
    from embbench.report.comparison_steps import steps_document
    from embbench.report.comparisons import Compared, comparison_document
    from embbench.report.writers import check_format

    check_format(format_name)
    read_options(metric, threshold, across)  # errors of flags come before errors of files
    gate = thresholds_of(suite)
    _check_files(base, candidate)
    rounds = [read([path]) for path in (base, candidate)]
    both = [*rounds[0], *rounds[1]]
    options = parse_options(
        metric, threshold, across, gate if suite else gate_of(both), compared=compared_by_default(both)
    )
    pairs = _chosen(rounds[0], rounds[1], filter)
    comparisons = decide(pairs, options)
    if explain is not None:
        show(steps_document(_named(comparisons, explain)), format_name, output)
    else:
        differ = tuple(differences(*shared_rounds(pairs)))
        compared = Compared(_side(base, rounds[0]), _side(candidate, rounds[1]), tuple(comparisons), differ)
        show(comparison_document(compared), format_name, output)
    return exit_code(comparisons, strict)


def _check_files(base: Path, candidate: Path) -> None:
    from embbench.errors import UsageError

    if base.exists() and candidate.exists() and base.samefile(candidate):
        raise UsageError(f"{candidate} is the same file as the base; name another run")


def _chosen(base: "Sequence[Round]", candidate: "Sequence[Round]", filter_text: str) -> "list[Pair]":
    from embbench.analysis.collapse.axes import nothing_passes, parse_filter
    from embbench.analysis.compare.match import match
    from embbench.errors import NothingMeasured

    pairs = match(base, candidate)
    results = [result for pair in pairs for result in (*pair.base, *pair.candidate)]
    keep = parse_filter(filter_text, results)
    kept = [pair for pair in pairs if keep(pair.example)]
    if not kept:
        raise NothingMeasured(nothing_passes(filter_text, results))
    return kept


def _named(comparisons: "Sequence[Comparison]", name: str) -> "list[Comparison]":
    from embbench.errors import UsageError, unknown

    named = [each for each in comparisons if name in (each.name, each.case_id)]
    if not named:
        raise UsageError(f"--explain: {unknown('case', name, dict.fromkeys(each.name for each in comparisons))}")
    return named


def _side(path: Path, rounds: "Sequence[Round]") -> str:
    """'before.jsonl · 2026-11-21 22:19 to 22:26 UTC · 70 rounds'."""
    from embbench.report.how_measured import dates

    return f"{path} · {dates(rounds)}"
