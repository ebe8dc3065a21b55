"""Rounds and a View -> the Report."""

from collections.abc import Callable, Container, Sequence

from embbench.analysis.collapse.axes import nothing_passes, parse_filter
from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.case import Case
from embbench.cases.suite import View
from embbench.errors import NothingMeasured, UsageError
from embbench.report.answer import make_answer
from embbench.report.brief import make_brief
from embbench.report.caption import alarms, joined_twins, machine_facts, make_caption
from embbench.report.claim_table import claim_rows, findings
from embbench.report.curve_table import curve_rows
from embbench.report.how_measured import how_sure
from embbench.report.metric_columns import apart, make_table_across
from embbench.report.project import adapted, arrange, by_machine, check_reference, parse_view, residue
from embbench.report.ratio_counts import count_ratios
from embbench.report.records import make_records
from embbench.report.table import Report
from embbench.report.tables import case_notes, make_table, tokens_vary_by_row
from embbench.store.round import Round


def build(
    rounds: Sequence[Round],
    view: View,
    filter_text: str = "",
    *,
    title: str = "",
    order: Sequence[Case] = (),
    chosen: Container[str] = (),
    suite: str = "",
    twins: bool = False,
) -> Report:
    """The report of the rounds whose cases pass the filter.

    title: shown above. order: cases in the order of texts along rows and columns (a suite's order; rounds are
    shuffled). chosen: the fields of the view that the user chose; the other fields are fitted to the results (see
    `adapted`). suite: the suite of the other fields, for errors; by default the suite that all rounds name. twins:
    whether machines of one kind count as one machine. Raises UsageError (see `parse_view`,
    `parse_filter`) and NothingMeasured where no case passes the filter.
    """
    projection = parse_view(view, _source(chosen, suite or _only_suite(rounds)))
    every = collapse(rounds, twins)
    keep = parse_filter(filter_text, every)
    results = [result for result in every if keep(result)]
    if not results:
        raise NothingMeasured(nothing_passes(filter_text, every) if every else "there are no rounds to report")
    projection = by_machine(projection, results)
    shown = len(projection.row)
    projection = apart(projection, results) if projection.across else adapted(projection, results, chosen)
    if "reference" in chosen and projection.across and projection.reference:
        raise UsageError("--reference: a table of --col metric has no ratios; leave --reference out")
    if "reference" in chosen:
        check_reference(projection, results)
    measures, grid = Measures(every), arrange(projection, results, order)
    by_row = not projection.across and tokens_vary_by_row(grid, measures)
    if projection.across:
        tables = [make_table_across(projection, shown, grid, measures)]
    else:
        tables = [make_table(metric, projection, grid, measures, by_row) for metric in projection.metrics]
    doubts, answer = tuple(alarms(results, projection)), make_answer(results, measures)
    counted = count_ratios(tables[0], projection) if not answer and not doubts else []
    return Report(
        title=title,
        alarms=(*doubts, *joined_twins(results)),
        tables=tuple(tables),
        answer=tuple(answer or (each.text for each in counted)),
        brief=tuple(counted or make_brief(answer, grid.results, projection, measures)),
        claims=claim_rows(grid.results),
        curves=curve_rows(grid.results),
        notes=(
            *findings(grid.results),
            *case_notes(grid.results, measures, projection.metrics),
            *residue(projection, results),
        ),
        caption=tuple(make_caption(grid.results, projection, measures, by_row)),
        sure=how_sure(results),
        records=tuple(make_records(projection, grid, results, measures)),
        measured=sum(_has_number(result, projection.metrics, measures) for result in results),
        machines=tuple(machine_facts(round_ for result in results for round_ in result.rounds)),
        software=_software(results),
    )


def _source(chosen: Container[str], suite: str) -> Callable[[str], str]:
    """Field of the view -> the place to change it: 'row' -> '--row', or 'suite NAME: report.row'."""
    return lambda field: f"suite {suite}: report.{field}" if suite and field not in chosen else f"--{field}"


def _only_suite(rounds: Sequence[Round]) -> str:
    names = {round_.suite for round_ in rounds}
    return names.pop() if len(names) == 1 else ""


def _has_number(result: Result, metrics: Sequence[str], measures: Measures) -> bool:
    return result.status == "ok" and any(not isinstance(measures.summary(result, m), Absent) for m in metrics)


def _software(results: Sequence[Result]) -> dict[str, dict[str, str]]:
    """Contender -> package -> version; several versions of a package are joined by ' / '."""
    by_contender: dict[str, dict[str, dict[str, None]]] = {}
    for result in results:
        for round_ in result.rounds:
            for name, version in round_.software.items():
                by_contender.setdefault(result.case.contender, {}).setdefault(name, {})[version] = None
    return {
        contender: {name: " / ".join(versions) for name, versions in known.items()}
        for contender, known in by_contender.items()
    }
