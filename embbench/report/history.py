"""Runs of a suite on a machine, one after the other: each case's median over time, and the changes that are shown."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import msgspec

from embbench.analysis.collapse.axes import named, naming_axes
from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.compare.comparison import Comparison
from embbench.report.document import Block, Chart, Grid, Heading, Notes, Sentences, only_filled
from embbench.report.figures import factor_text, spread_text, value_text
from embbench.report.plot import Series, Timeline
from embbench.stats.summary import Summary
from embbench.store.round import Round

TIME = "step_time"
FILE = "contender"  # the digest of a contender's file, among the versions
SHOWN = ("regression", "improvement")  # verdicts that are changes

Decide = Callable[[Sequence[Round], Sequence[Round]], Sequence[Comparison]]  # of the rounds of two runs


class SuiteRun(msgspec.Struct, frozen=True):
    """The rounds of a run of a suite on a machine."""

    rounds: tuple[Round, ...]

    @property
    def started(self) -> str:
        """'2026-11-28 21:45', UTC."""
        return min(each.started for each in self.rounds)[:16].replace("T", " ")

    @property
    def commit(self) -> str:
        return next((each.commit for each in self.rounds if each.commit), "")

    @property
    def name(self) -> str:
        """Its commit and start."""
        return f"{self.started} {self.commit}".strip()


Changes = tuple[SuiteRun, SuiteRun, list[Comparison]]  # two runs that follow each other, and what changed


def history_page(title: str, runs: Sequence[SuiteRun], links: Sequence[str], decide: Decide) -> tuple[Block, ...]:
    """runs: in order of time. links: address of each run's page. decide: what changed between two runs, by the rules
    of `embbench compare`.
    """
    found = [(before, after, _changes(decide(before.rounds, after.rounds))) for before, after in _neighbours(runs)]
    changed = sum(len(changes) for *_, changes in found)
    count = f"{len(runs)} run{'s' if len(runs) != 1 else ''}"
    answer = f"{count} of {title}: {changed} change{'s' if changed != 1 else ''} of a step time from a run to the next."
    charts = [Chart(_timeline(title, runs, found))] if len(runs) > 1 else []
    return only_filled(
        Heading(title),
        Sentences((answer,), strong=True),
        *charts,
        _runs_grid(runs, links),
        _changes_grid(found),
        Notes(tuple(_versions(runs))),
    )


def _neighbours(runs: Sequence[SuiteRun]) -> list[tuple[SuiteRun, SuiteRun]]:
    return list(itertools.pairwise(runs))


def _changes(comparisons: Sequence[Comparison]) -> list[Comparison]:
    return [each for each in comparisons if each.metric == TIME and each.verdict in SHOWN]


def _timeline(
    title: str, runs: Sequence[SuiteRun], found: Sequence[tuple[SuiteRun, SuiteRun, list[Comparison]]]
) -> Timeline:
    """A line for each case, with marks where versions or step times changed."""
    points: dict[str, list[tuple[float, float, float | None, float | None]]] = {}
    counts: dict[str, list[int]] = {}
    names = _case_names(runs)
    for place, run in enumerate(runs):
        results = collapse(run.rounds)
        measures = Measures(results)
        for each in results:
            summary = measures.summary(each, TIME)
            if isinstance(summary, Summary) and summary.center > 0:
                point = float(place), summary.center, summary.low, summary.high
                points.setdefault(names[each.case_id], []).append(point)
                counts.setdefault(names[each.case_id], []).append(summary.n)
    marks = []
    for place, (before, after, changes) in enumerate(found, start=1):
        texts = [*(["versions"] if _differing(before, after) else []), *(["change"] if changes else [])]
        if texts:
            marks.append((place, " and ".join(texts)))
    series = tuple(Series(name, tuple(found), counts=tuple(counts[name])) for name, found in points.items())
    return Timeline(title, "step time", "s", tuple(each.name for each in runs), series, tuple(marks))


def _case_names(runs: Sequence[SuiteRun]) -> dict[str, str]:
    """Id of a case -> its name among the cases of all runs."""
    examples: dict[str, Result] = {}
    for run in runs:
        for each in collapse(run.rounds):
            examples.setdefault(each.case_id, each)
    axes = [axis for axis in naming_axes(list(examples.values())) if axis not in ("machine", "software")]
    return {case_id: named(axes, each) for case_id, each in examples.items()}


def _runs_grid(runs: Sequence[SuiteRun], links: Sequence[str]) -> Grid:
    rows = tuple(
        (
            run.started,
            run.commit,
            str(len(run.rounds)),
            " ".join(dict.fromkeys(f"{name} {each}" for (_, name), each in _software(run).items() if name != FILE)),
        )
        for run in runs
    )
    headings = ("run", "commit", "rounds", "versions")
    return Grid(headings=headings, rows=rows, left=("run", "commit", "versions"), title="runs", links=tuple(links))


def _changes_grid(found: Sequence[Changes]) -> Grid:
    rows = []
    for before, after, changes in found:
        for each in changes:
            ratio = "" if each.ratio is None else f"×{factor_text(each.ratio)}"
            rows.append((each.name, before.name, after.name, *_sides(each), ratio, each.verdict))
    return Grid(
        headings=("case", "from", "to", "before", "after", "ratio", "verdict"),
        rows=tuple(rows),
        left=("case", "from", "to", "verdict"),
        title="changes",
        about="A change is a verdict of `embbench compare` on two runs that follow each other.",
        tones=tuple("bad" if row[-1] == "regression" else "good" for row in rows),
    )


def _sides(each: Comparison) -> tuple[str, str]:
    texts = []
    for side in (each.base, each.candidate):
        summary = None if side is None else side.summary
        texts.append("" if summary is None else f"{value_text(summary, TIME)} {spread_text(summary, 's')}".strip())
    return texts[0], texts[1]


def _software(run: SuiteRun) -> dict[tuple[str, str], str]:
    """(contender, package) -> version."""
    return {(each.case.contender, name): version for each in run.rounds for name, version in each.software.items()}


def _differing(before: SuiteRun, after: SuiteRun) -> dict[tuple[str, str], tuple[str, str]]:
    """(contender, package) -> versions before and after, of contenders that both runs have."""
    old, new = _software(before), _software(after)
    return {name: (old[name], new[name]) for name in old if name in new and old[name] != new[name]}


def _versions(runs: Sequence[SuiteRun]) -> Iterator[str]:
    for before, after in _neighbours(runs):
        changed = ((name, versions) for (_, name), versions in _differing(before, after).items())
        for name, (old, new) in dict.fromkeys(changed):
            yield f"{after.name}: {name} {old} → {new}"
