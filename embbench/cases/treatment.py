"""How metrics are summarised and compared, as data."""

from typing import Literal

import msgspec


class Treatment(msgspec.Struct, frozen=True):
    """assume: 'sampled' where values scatter around a true value, so their scatter is error; 'exact' where a value is
    the quantity itself. threshold: default share from which a change counts; None for a metric that is not compared.
    launched: whether resident workers that take turns measure the metric too. anywhere: whether all machines of a kind
    give the same value, so values from twin machines may be compared. counted: whether the metric counts bytes or other
    things, shown with at most three figures.
    """

    assume: Literal["sampled", "exact"]
    threshold: float | None
    launched: bool = True
    anywhere: bool = False
    counted: bool = False


STEP = Treatment("sampled", 0.05)  # the place of code in memory may change a step by some per cent
ALONE = Treatment("sampled", 0.05, launched=False)
# Resident memory depends on free room in the allocator: processes of a program differ by 0.8 % (sigma of 40 processes).
RESIDENT = Treatment("sampled", 0.005, anywhere=True, counted=True)
BYTES = Treatment("exact", 0.005, anywhere=True, counted=True)
DESCRIBED = Treatment("exact", None, anywhere=True, counted=True)  # a property of the input
DERIVED = Treatment("sampled", None)  # needs two cases, so no Round has it
