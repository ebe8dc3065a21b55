"""Plots as values, in a terminal and as SVG."""

from xml.etree import ElementTree

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.declared import Declared
from embbench.errors import NothingMeasured
from embbench.report.plot import MISSING
from embbench.report.plots import crossover_plot, growth_plot, phase_plot, roofline_plot
from embbench.report.writers.plot_svg import draw_svg
from embbench.report.writers.plot_text import draw_text
from tests.made_up import SOFTWARE, case, ceilings, failed, measured, sweep


def crossed():
    rounds = []
    for batch, vocab, default, sparse in ((8, 2000, 1.0, 1.001), (8, 200_000, 9.0, 1.0), (512, 2000, 1.0, 4.0)):
        for update, seconds, noise in (("default", default, (0.98, 1.0, 1.02)), ("sparse", sparse, (1.02, 1.0, 0.98))):
            given = case(update=update, vocab=vocab, batch=batch)
            rounds += measured(given, [seconds * each for each in noise])
    return rounds


def plotted():
    results = collapse(sweep())
    measures = Measures(results)
    crossing = collapse(crossed())
    return {
        "time": growth_plot(results, measures),
        "memory": growth_plot(results, measures, memory=True),
        "phases": phase_plot(results),
        "roofline": roofline_plot(results, measures, ceilings(), lambda result: Declared(semantic="dense", passes=19)),
        "crossover": crossover_plot(crossing, Measures(crossing), crossing[0].case),
    }


PLOTS = plotted()


def test_a_series_is_a_path_over_vocabularies():
    series = {each.name: each.points for each in PLOTS["time"].series}
    assert [x for x, *_ in series["pytorch trainable default adam"]] == [2e5, 5e5, 1e6, 1.5e6, 2e6]
    assert len(series["pytorch frozen adam"]) == 4
    assert PLOTS["memory"].units == ("", "B")


def test_lines_of_one_case_are_told_apart_by_their_versions():
    lines = [
        round_
        for torch, seconds in (("2.13.0", 0.1), ("2.14.0", 0.2))
        for vocab in (200_000, 500_000)
        for round_ in measured(case(vocab=vocab), [seconds] * 3, software={**SOFTWARE, "torch": torch})
    ]
    results = collapse([*lines, *measured(case("frozen"), [0.01] * 3)])
    names = [each.name for each in growth_plot(results, Measures(results)).series]
    assert names == [
        "pytorch trainable default adam, torch 2.13.0",
        "pytorch trainable default adam, torch 2.14.0",
        "pytorch frozen adam",
    ]


def test_bars_are_the_parts_and_what_is_missing():
    bars = PLOTS["phases"]
    assert len(bars.names) == 1
    assert bars.parts["optimizer on the table"] == pytest.approx((1.62,))
    assert bars.parts[MISSING] == pytest.approx((2.09 - 0.45 - 1.62 - 1e-3,))


def test_the_roof_is_memory_first_and_arithmetic_then():
    roof, *points = PLOTS["roofline"].series
    assert roof.drawn
    assert all(y == pytest.approx(min(90, x * 10)) for x, y, _, _ in roof.points)
    assert max(y for _, y, _, _ in roof.points) == pytest.approx(90)
    assert len(points) == 12


def test_the_map_names_the_fastest_and_where_that_is_not_sure():
    cells = PLOTS["crossover"]
    found = {(cells.rows[row], cells.columns[column]): told for (row, column), told in cells.cells.items()}
    assert found["words N=512", "V=2k"] == ("default", "≈default 0.5")
    assert found["words N=512", "V=200k"][0] == "sparse"
    assert found["words N=32768", "V=2k"][1].startswith("default")


def test_the_map_is_the_same_whatever_came_first():
    crossing = collapse(crossed()[::-1])
    assert crossover_plot(crossing, Measures(crossing), crossing[0].case) == PLOTS["crossover"]


@pytest.mark.parametrize("name", PLOTS)
def test_svg_is_the_same_for_the_same_values_and_says_what_it_shows(name):
    text = draw_svg(PLOTS[name])
    assert text == draw_svg(plotted()[name])
    words = " ".join(ElementTree.fromstring(text).itertext())
    assert PLOTS[name].title in words


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("width", [60, 100])
def test_a_terminal_shows_it_within_its_width(name, width):
    text = draw_text(PLOTS[name], width, colour=False)
    assert PLOTS[name].title in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= width


def test_where_nothing_can_be_drawn_it_says_what_to_measure():
    results = collapse([failed(case(), "timeout", "too slow")])
    measures = Measures(results)
    with pytest.raises(NothingMeasured, match="no case has an audited number"):
        growth_plot(results, measures)
    with pytest.raises(NothingMeasured, match="--suite explain"):
        phase_plot(results)
    with pytest.raises(NothingMeasured, match="--suite crossover"):
        crossover_plot(results, measures, case())
    with pytest.raises(NothingMeasured, match="doctor --ceilings"):
        roofline_plot(results, measures, ceilings(), lambda case: None)
