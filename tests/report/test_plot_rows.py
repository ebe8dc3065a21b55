"""The picture of what a touched row costs."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.errors import NothingMeasured
from embbench.report.plot_rows import row_plot
from embbench.report.writers.plot_svg import draw_svg
from embbench.report.writers.plot_text import draw_text
from tests.made_up import MACHINE, case, measured, values

MIB = 1 << 20
TOLD = {**MACHINE, "caches": {"L1": 48 << 10, "L2": 2 * MIB, "L3": 480 * MIB}, "tlb_reach": 14 * MIB}


def lines(machine=TOLD, **axes):
    found = []
    for vocab, seconds in ((1000, 1e-3), (20_000, 1.5e-3), (2_000_000, 4e-3)):
        for line in measured(case(update="compact", vocab=vocab, **axes), [0.02, 0.02], machine=machine):
            metrics = line.metrics | {"table_time": values("table_time", seconds, seconds)}
            found.append(msgspec.structs.replace(line, metrics=metrics))
    return found


def plotted(rounds):
    results = collapse(rounds)
    return row_plot(results, Measures(results))


def test_a_line_a_path_by_bytes_of_the_table():
    plot = plotted([*lines(), *lines(optimizer="sgd")])
    assert [series.name for series in plot.series] == [
        "pytorch trainable compact adam",
        "pytorch trainable compact sgd",
    ]
    assert [point[0] for point in plot.series[0].points] == [512_000, 10_240_000, 1_024_000_000]
    assert plot.series[0].points[0][1] == pytest.approx(1e-3 / 1000)
    assert plot.units == ("B", "s/row")


def test_caches_are_marked_as_the_machine_tells_them():
    assert plotted(lines()).marks == ((48 << 10, "L1"), (2 * MIB, "L2"), (480 * MIB, "L3"), (14 * MIB, "TLB"))
    assert plotted(lines(machine=MACHINE)).marks == ()
    assert plotted(lines(machine={**MACHINE, "caches": "none"})).marks == ()


def test_it_is_drawn_with_its_marks():
    plot = plotted(lines())
    text = draw_text(plot, 100, False)
    assert all(told in text for told in ("L1 49 kB", "L2 2.1 MB", "L3 500 MB", "TLB 15 MB"))
    assert "Label" not in text
    svg = draw_svg(plot)
    assert all(f">{name}<" in svg for _, name in plot.marks)


def test_without_two_sizes_there_is_nothing_to_draw():
    with pytest.raises(NothingMeasured, match="at two sizes; measure: embbench run --suite sparse-updates"):
        plotted(measured(case(), [0.02]))
