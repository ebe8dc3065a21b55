"""The output of `explain`: its values for the document, the missing measurements, and plots."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from embbench.analysis.collapse.axes import named, naming_axes
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import Explanation, explain
from embbench.analysis.cost.growth import grow
from embbench.analysis.cost.sweep import SIZES, sweep_of
from embbench.cases.case import NO_UPDATE, Case
from embbench.cases.runtimes import SYSTEM
from embbench.cli.declarations import beware, change, declared, source
from embbench.cli.output import put
from embbench.cli.show import show
from embbench.errors import NothingMeasured, UsageError
from embbench.plain import one_line
from embbench.report import plots
from embbench.report.caption import machines
from embbench.report.claims import claim_answers
from embbench.report.command import command, flags
from embbench.report.document import Chart, Document
from embbench.report.explain_document import WHY, Explained
from embbench.report.figures import LENT
from embbench.report.how_measured import dates
from embbench.report.plot import Plot, as_json
from embbench.report.plot_rows import row_plot
from embbench.report.writers.plot_svg import draw_svg
from embbench.stats.summary import Summary
from embbench.store.ceilings import Ceilings, Find, nearest_ceilings

SVG = ".svg"
PLOT_FILES = {"text": ("text", ".txt"), "md": ("Markdown", ".md", ".markdown"), "json": ("JSON", ".json")}


def gather(chosen: Result, results: Sequence[Result], measures: Measures, files: Sequence[Path] = ()) -> Explained:
    """The explanation of a case, with the commands for missing measurements. files: of the results."""
    ceilings = _ceilings(chosen, files)
    explanation = explain(chosen, results, measures, ceilings, declared)
    shown = (chosen, *(each.result for each in explanation.alternatives))
    fixed = measures.frozen_sibling(chosen)
    wide = sweep_of(fixed or chosen, results, measures, "dim")
    columns = grow(wide, measures) if fixed is not None and len(wide.results) > 1 else None
    return Explained(
        explanation=explanation,
        claim_answers=tuple(claim_answers(explanation, columns)),
        change=functools.partial(change, chosen),
        source=source,
        missing=tuple(_missing(explanation, columns is None, ceilings is None)),
        caption=(*_caption(chosen, shown, measures), *(("declared", text) for text in beware(shown))),
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
    here = [each for each in results if _beside(each, chosen)]
    if name == "phases":
        made: Plot = plots.phase_plot(here)
    elif name == "roofline":
        ceilings = _ceilings(chosen, files)
        if ceilings is None:
            raise NothingMeasured(f"a roofline needs ceilings: {_measure_ceilings(chosen.case)}")
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


def _beside(each: Result, chosen: Result) -> bool:
    """Whether both fit into a plot: the same machine, device and threads, and the same versions of a contender."""
    same = each.machine == chosen.machine
    same = same and all(getattr(each.case, axis) == getattr(chosen.case, axis) for axis in ("device", "threads"))
    return same and (each.case.contender != chosen.case.contender or each.software == chosen.software)


def _missing(explanation: Explanation, columns: bool, rates: bool) -> Iterator[tuple[str, str]]:
    """(missing measurement, the command that measures it). columns: whether the growth with dim is unknown. rates:
    whether the ceilings are unknown.
    """
    case = explanation.case
    if explanation.growth is None or explanation.growth.grows is None:
        sizes = sorted({max(1, round(case.vocab * share)) for share in (0.1, 0.25, 0.5, 1)})
        yield "growth", command(case, 1, vocab=sizes)
    if rates:
        grows = explanation.growth is not None and explanation.growth.grows
        yield WHY if grows and explanation.passes is None else "least time", _measure_ceilings(case)
    lacks = [("alternatives", not explanation.alternatives), ("parts of a step", explanation.phases is None)]
    if wanted := [what for what, missing in lacks if missing]:
        yield " and ".join(wanted), f"embbench explain {flags(case)}"
    if columns:
        dims = sorted({max(1, case.dim // 4), case.dim, 2 * case.dim})
        fixed = msgspec.structs.replace(case, table="frozen", update=NO_UPDATE)
        yield "growth with dim", f"{command(fixed, dim=dims)}, together with these results"


def _caption(chosen: Result, shown: Sequence[Result], measures: Measures) -> Iterator[tuple[str, str]]:
    """shown: the results that the screen names."""
    case = chosen.case
    yield (
        "case",
        " · ".join(f"{name} {getattr(case, name)}" for name in SIZES if name != "vocab")
        + f" · {case.tokens} · {case.dtype} · {case.device} · threads {case.threads}"
        + ("" if case.runtime == SYSTEM else f" · runtime {case.runtime}"),
    )
    for text in machines([chosen]).values():
        yield "machine", text
    software = chosen.rounds[-1].software
    yield "software", " · ".join(f"{name} {version}" for name, version in software.items())
    yield "measured", dates([line for each in shown for line in each.rounds])
    alone = [
        result for result in shown if isinstance(time := measures.summary(result, "step_time"), Summary) and time.lent
    ]
    if alone:
        axes = naming_axes(shown)
        yield "one round", f"{', '.join(named(axes, each) for each in alone)}: {LENT}"


def _ceilings(chosen: Result, files: Sequence[Path]) -> Ceilings | None:
    return nearest_ceilings(Find(chosen.machine, chosen.case.device, chosen.case.threads), files)


def _measure_ceilings(case: Case) -> str:
    of = f"--device {case.device} --threads {case.threads}"
    return f"embbench doctor --ceilings {of}, on the machine of these results"
