"""How metrics are summarised and decided, as data."""

from typing import Literal

import msgspec


class Treatment(msgspec.Struct, frozen=True):
    """How a metric is summarised and decided. assume: 'sampled' where values scatter around a true one, so that their
    scatter is error; 'exact' where each value is itself what is asked, equal or not. threshold: the share from which on
    a change counts, where nobody says another; None where no change of it is judged. launched: whether resident workers
    that take turns measure it too; they start at the same time, and are asked for the step alone.
    """

    assume: Literal["sampled", "exact"]
    threshold: float | None
    launched: bool = True


STEP = Treatment("sampled", 0.05)  # a step may vary by some per cent with where the linker put it
ALONE = Treatment("sampled", 0.05, launched=False)
BYTES = Treatment("exact", 0.005)
DESCRIBED = Treatment("exact", None)  # a property of the input, and no result
DERIVED = Treatment("sampled", None)  # made of two cases, so that no Round carries it
