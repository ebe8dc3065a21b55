"""A folder of pages: which pages there are, and which changes a history shows."""

import msgspec

from embbench.cli.site import decide, run_page
from embbench.report.document import Chart, Grid
from embbench.report.history import SuiteRun, history_page
from embbench.report.site import INDEX, site_pages
from tests.made_up import MACHINE, SOFTWARE, case, measured

CASES = case(), case("frozen")


def run(day: int, seconds: float, **fields) -> list:
    """A run of two cases on a day of January; the frozen table takes 1 s."""
    lines = []
    for each, center in zip(CASES, (seconds, 1.0), strict=True):
        times = [center * factor for factor in (1.0, 1.001, 0.999, 1.002, 0.998)]
        lines += measured(each, times, run=f"run{day}", **fields)
    return [msgspec.structs.replace(each, started=f"2026-01-{day:02d}T10:00:0{each.round}Z") for each in lines]


def history(*runs) -> list:
    made = [SuiteRun(tuple(lines)) for lines in runs]
    return list(history_page("ci on a machine", made, [f"{number}.html" for number in range(len(runs))], decide))


def grid(blocks: list, title: str) -> Grid:
    return next(each for each in blocks if isinstance(each, Grid) and each.title == title)


def test_a_change_that_compare_shows_is_a_change_of_the_history() -> None:
    blocks = history(run(1, 2.0), run(2, 2.0), run(3, 4.0, commit="abc"))
    (row,) = grid(blocks, "changes").rows
    assert row[1:3] == ("2026-01-02 10:00", "2026-01-03 10:00 abc")
    assert row[-1] == "regression"
    (plot,) = (each.plot for each in blocks if isinstance(each, Chart))
    assert plot.marks == ((2, "change"),)
    assert {each.name: [y for _, y, *_ in each.points] for each in plot.series} == {
        "trainable default": [2.0, 2.0, 4.0], "frozen": [1.0, 1.0, 1.0],
    }  # fmt: skip


def test_without_a_change_there_is_none() -> None:
    blocks = history(run(1, 2.0), run(2, 2.0))
    assert not [each for each in blocks if isinstance(each, Grid) and each.title == "changes"]


def test_changed_versions_are_marked() -> None:
    blocks = history(run(1, 2.0), run(2, 2.0, software={**SOFTWARE, "torch": "2.14.0"}))
    (plot,) = (each.plot for each in blocks if isinstance(each, Chart))
    assert plot.marks == ((1, "versions"),)
    assert blocks[-1].texts == ("2026-01-02 10:00: torch 2.13.0 → 2.14.0",)


def test_there_is_a_page_for_each_run_and_a_history_for_each_machine() -> None:
    other = {**MACHINE, "cpu": "../Other <CPU>", "fingerprint": "ffff0000"}
    pages = list(site_pages([*run(1, 2.0), *run(2, 2.0), *run(3, 2.0, machine=other)], run_page, decide))
    names = [each.name for each in pages]
    assert len(set(names)) == len(names) == 3 + 2 + 1
    assert names[-1] == INDEX
    assert all("/" not in each and "<" not in each for each in names)
    index = next(each for each in pages[-1].blocks() if isinstance(each, Grid))
    assert set(index.links) < set(names)
    assert [row[2] for row in index.rows] == ["2", "1"]
