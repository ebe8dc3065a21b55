"""The output of `explain`: its values for the document, and plots."""

import functools
from collections.abc import Sequence
from pathlib import Path

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import explain
from embbench.analysis.cost.growth import grow
from embbench.analysis.cost.sweep import sweep_of
from embbench.cli.declarations import change, declared, source
from embbench.cli.output import put
from embbench.cli.show import show
from embbench.errors import NothingMeasured, UsageError
from embbench.plain import one_line
from embbench.report import plots
from embbench.report.command import ceilings_command
from embbench.report.document import Chart, Document
from embbench.report.explained import Explained, make_explained
from embbench.report.plot import Plot, as_json
from embbench.report.plot_rows import row_plot
from embbench.report.writers.plot_svg import draw_svg
from embbench.store.ceilings import Ceilings, Find, nearest_ceilings

SVG = ".svg"
PLOT_FILES = {"text": ("text", ".txt"), "md": ("Markdown", ".md", ".markdown"), "json": ("JSON", ".json")}


def gather(chosen: Result, results: Sequence[Result], measures: Measures, files: Sequence[Path] = ()) -> Explained:
    """The explanation of a case, with the values beside it. files: of the results."""
    ceilings = ceilings_near(chosen, files)
    explanation = explain(chosen, results, measures, ceilings, declared)
    fixed = measures.frozen_sibling(chosen)
    wide = sweep_of(fixed or chosen, results, measures, "dim")
    columns = grow(wide, measures) if fixed is not None and len(wide.results) > 1 else None
    return make_explained(
        explanation,
        results,
        measures,
        columns=columns,
        ceilings=ceilings,
        change=functools.partial(change, chosen),
        source=source,
    )


def check_plot_file(output: Path | None, wanted: str) -> None:
    """Raises UsageError where a plot would be written into a file of another kind. wanted: text, md or json."""
    what, *suffixes = PLOT_FILES[wanted]
    if output is not None and output.suffix.lower() not in ("", SVG, *suffixes):
        name = one_line(str(output))
        raise UsageError(f"--output {name}: a plot is written as {SVG}, or as {what} to {suffixes[0]}")


def draw(
    name: str,
    results: Sequence[Result],
    measures: Measures,
    chosen: Result,
    files: Sequence[Path],
    output: Path | None,
    wanted: str,
) -> None:
    """Draws a plot of the results of the chosen case's machine. files: of the results. Raises NothingMeasured,
    UsageError.
    """
    here = [each for each in results if beside(each, chosen)]
    if name == "phases":
        made: Plot = plots.phase_plot(here)
    elif name == "roofline":
        ceilings = ceilings_near(chosen, files)
        if ceilings is None:
            raise NothingMeasured(f"a roofline needs ceilings: {ceilings_command(chosen.case)}")
        made = plots.roofline_plot(here, measures, ceilings, declared)
    elif name == "rows":
        made = row_plot(here, measures)
    elif name == "crossover":
        made = plots.crossover_plot(here, measures, chosen.case)
    else:
        made = plots.growth_plot(here, measures, memory=name == "memory")
    if output is not None and output.suffix.lower() == SVG:
        text = draw_svg(made)
        put(lambda _width, _colour: text, output)
    else:
        show(Document(blocks=(Chart(made),), data=as_json(made)), wanted, output)


def beside(each: Result, chosen: Result) -> bool:
    """Whether both fit into a plot: the same machine, device and threads, and the same versions of a contender."""
    same = each.machine == chosen.machine
    same = same and all(getattr(each.case, axis) == getattr(chosen.case, axis) for axis in ("device", "threads"))
    return same and (each.case.contender != chosen.case.contender or each.software == chosen.software)


def ceilings_near(chosen: Result, files: Sequence[Path]) -> Ceilings | None:
    """The ceilings of the machine of a result. files: of the results."""
    return nearest_ceilings(Find(chosen.machine, chosen.case.device, chosen.case.threads), files)
