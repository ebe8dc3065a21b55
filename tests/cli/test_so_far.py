"""The table and the line of what a run knows so far."""

import pytest

from embbench.cases.suite import View
from embbench.cli.so_far import MOST_CASES, SoFar
from embbench.errors import NothingMeasured
from embbench.report.assemble import build
from tests.made_up import case, failed, measured

CASES = (case(), case("frozen"))


def so_far(*earlier, cases=CASES, report=lambda rounds: build(rounds, View())):
    return SoFar(earlier, cases, report, lambda rounds: f"{len(rounds)} rounds")


def texts(known, width=80, height=20):
    return [line.plain.rstrip() for line in known.tables(width, height)]


def test_the_table_grows_with_the_rounds():
    known = so_far(failed(case("frozen"), "timeout", "no answer"))
    assert texts(known) == []
    for line in measured(case(), [0.1, 0.11]):
        known.add(line)
    shown = texts(known)
    assert shown[0] == "step_time"
    assert any("100 ms" in line or "110 ms" in line for line in shown)
    assert any("timeout" in line for line in shown)
    assert known.line() == "3 rounds"


def test_it_is_cropped_to_the_screen():
    known = so_far(*measured(case(), [0.1, 0.11]))
    assert len(texts(known, height=3)) == 3
    assert texts(known, height=-1) == []
    assert all(len(line) <= 12 for line in texts(known, width=12))


def test_rounds_of_other_plans_do_not_count():
    known = so_far(*measured(case(update="sparse"), [0.1]))
    known.add(measured(case(update="sparse"), [0.1])[0])
    assert (texts(known), known.line()) == ([], "0 rounds")


def test_what_cannot_be_reported_yet_or_fits_on_no_screen_is_not_shown():
    def nothing(rounds):
        raise NothingMeasured("no case passes")

    lines = measured(case(), [0.1])
    assert texts(so_far(*lines, report=nothing)) == []
    many = tuple(case(vocab=1000 + number) for number in range(MOST_CASES))
    assert texts(so_far(*lines, cases=(*CASES, *many))) == []


@pytest.mark.parametrize("metrics", ["step_time", "step_time,host_peak"])
def test_each_metric_has_its_table(metrics):
    known = so_far(*measured(case(), [0.1, 0.11]), report=lambda rounds: build(rounds, View(metric=metrics)))
    assert [line for line in texts(known) if line in ("step_time", "host_peak")] == metrics.split(",")
