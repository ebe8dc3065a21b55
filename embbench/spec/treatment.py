"""How metrics are summarised and decided, as data."""

from typing import Literal

import msgspec


class Treatment(msgspec.Struct, frozen=True):
    """How a metric is summarised and decided. assume: 'sampled' where values scatter around a true one, so that their
    scatter is error; 'exact' where each value is itself what is asked, equal or not. threshold: the share from which on
    a change counts, where nobody says another; None where no change of it is judged. launched: whether resident workers
    that take turns measure it too; they start at the same time, and are asked for the step alone. anywhere: whether
    all machines of a kind give the same, so that values of twins may be compared. counted: whether it is a number of
    bytes or of other things, of which three figures say enough.
    """

    assume: Literal["sampled", "exact"]
    threshold: float | None
    launched: bool = True
    anywhere: bool = False
    counted: bool = False


STEP = Treatment("sampled", 0.05)  # a step may vary by some per cent with where the linker put it
ALONE = Treatment("sampled", 0.05, launched=False)
# What is resident is where an allocator found room: processes of one program differ, by 0.8 % (one sigma of 40).
RESIDENT = Treatment("sampled", 0.005, anywhere=True, counted=True)
BYTES = Treatment("exact", 0.005, anywhere=True, counted=True)
DESCRIBED = Treatment("exact", None, anywhere=True, counted=True)  # a property of the input, and no result
DERIVED = Treatment("sampled", None)  # made of two cases, so that no Round carries it
