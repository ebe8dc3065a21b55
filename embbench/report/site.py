"""Results -> the pages of a folder: an index, a page for each run, a history for each suite and machine."""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from embbench.analysis.collapse.collapse import collapse
from embbench.report.caption import machines
from embbench.report.document import Block, Grid, Heading, Sentences
from embbench.report.history import Decide, SuiteRun, history_page
from embbench.store.machine import names_of
from embbench.store.round import Round

INDEX = "index.html"
SEPARATOR = " · "  # of the parts of a machine in words
LONGEST = 60  # characters of a part of a file's name
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")


class Page(NamedTuple):
    """name: of the file. blocks: makes its blocks. up: address of the page above; '' for the index."""

    name: str
    blocks: Callable[[], tuple[Block, ...]]
    up: str = INDEX


class SuitePlace(NamedTuple):
    """Where runs belong together."""

    suite: str
    machine: str


def site_pages(
    rounds: Sequence[Round], page_of: Callable[[Sequence[Round]], tuple[Block, ...]], decide: Decide
) -> Iterator[Page]:
    """page_of: the page of a run's rounds. decide: see `history_page`."""
    places = _places(rounds)
    rows, links = [], []
    for place, runs in places.items():
        described = _described(runs[-1])
        title = f"{place.suite or 'results'} on {described.partition(SEPARATOR)[0]} ({place.machine})"
        names = [_file_name(place.suite, place.machine, run.started, number) for number, run in enumerate(runs)]
        for name, run in zip(names, runs, strict=True):
            yield Page(name, functools.partial(page_of, run.rounds))
        history = _file_name("history", place.suite, place.machine)
        yield Page(history, functools.partial(history_page, title, runs, names, decide))
        rows.append((place.suite, described, str(len(runs)), runs[-1].started))
        links.append(history)
    yield Page(INDEX, functools.partial(_index, tuple(rows), tuple(links)), up="")


def _index(rows: tuple[tuple[str, ...], ...], links: tuple[str, ...]) -> tuple[Block, ...]:
    grid = Grid(headings=("suite", "machine", "runs", "last run"), rows=rows, left=("suite", "machine"), links=links)
    return (
        Heading("Results of embbench"),
        Sentences(("Each suite on each machine, with the history of its runs.",)),
        grid,
    )


def _places(rounds: Sequence[Round]) -> dict[SuitePlace, list[SuiteRun]]:
    """The runs of each suite and machine, in order of time."""
    found: dict[SuitePlace, dict[str, list[Round]]] = {}
    for each, machine in zip(rounds, names_of(each.machine for each in rounds), strict=True):
        found.setdefault(SuitePlace(each.suite, machine), {}).setdefault(each.run, []).append(each)
    return {
        place: sorted((SuiteRun(tuple(lines)) for lines in runs.values()), key=lambda run: run.started)
        for place, runs in sorted(found.items())
    }


def _described(run: SuiteRun) -> str:
    """The machine of a run, in words."""
    return next(iter(machines(collapse(run.rounds)).values()))


def _file_name(*parts: object) -> str:
    return "-".join(_UNSAFE.sub("-", str(each)).strip("-.")[:LONGEST] or "x" for each in parts) + ".html"
