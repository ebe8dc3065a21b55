"""Marks of a cell."""

from embbench.analysis.collapse.collapse import collapse
from embbench.report.cells import grows
from embbench.store.round import Warning_


def test_a_peak_of_a_program_whose_memory_grows_is_marked_and_its_time_is_not(make_round):
    (grown,) = collapse([make_round(warnings=(Warning_("memory-grows", "its memory grew"),))])
    (steady,) = collapse([make_round()])
    assert grows(grown, "host_peak")
    assert not grows(grown, "step_time")
    assert not grows(steady, "host_peak")
