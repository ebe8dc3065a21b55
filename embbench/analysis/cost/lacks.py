"""Why a prediction or an explanation says less than it might, as values; `report` puts them into sentences."""

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import Case
from embbench.stats.fit import LeftOut


class Measure(msgspec.Struct, frozen=True):
    """What to measure: the case at these sizes, axis -> values."""

    case: Case
    sizes: dict[str, tuple[int, ...]]


class NoSuchPath(msgspec.Struct, frozen=True):
    """No result differs from the case in its sizes alone. others: axes on which the results differ from it; None where
    there is no result.
    """

    case: Case
    others: tuple[str, ...] | None


class Mixed(msgspec.Struct, frozen=True):
    """Results of several machines or sets of versions."""

    count: int


class OneSize(msgspec.Struct, frozen=True):
    """The axis was measured at one value, and another one is asked."""

    axis: str
    measured: int
    asked: int


class TooFar(msgspec.Struct, frozen=True):
    """The asked value is further than `factor` from all that were measured."""

    axis: str
    measured: tuple[int, ...]
    asked: int
    factor: int


class OffTheLine(msgspec.Struct, frozen=True):
    """The case's time does not lie on the line of the other sizes."""

    case: Case
    held: LeftOut


class LineMisses(msgspec.Struct, frozen=True):
    """A line that is nowhere below 0 misses the times of so many sizes by up to the share `worst`."""

    sizes: int
    worst: float


class FallsToNothing(msgspec.Struct, frozen=True):
    """The times fall with the size, to nothing where it is asked."""


class AxesTogether(msgspec.Struct, frozen=True):
    """vocab and dim were varied together, so that the times do not tell them apart."""

    case: Case


class NoInterval(msgspec.Struct, frozen=True):
    """So many sizes were measured, once each. axis, between: the neighbours of the asked size, where it lies between
    two or is one of them.
    """

    sizes: int
    axis: str = ""
    between: tuple[int, ...] = ()


class TooVague(msgspec.Struct, frozen=True):
    """The times scatter too much for a size so far away."""


class OnlyBetween(msgspec.Struct, frozen=True):
    """No line describes the times: the prediction is what lies between two neighbours."""

    case: Case
    axis: str
    between: tuple[int, ...]


Lack = (
    NoSuchPath | Mixed | OneSize | TooFar | OffTheLine | LineMisses | FallsToNothing | AxesTogether | NoInterval
    | TooVague | OnlyBetween
)  # fmt: skip


class NoNumber(msgspec.Struct, frozen=True):
    """A size of a sweep has no time."""

    axis: str
    result: Result


class Drop(msgspec.Struct, frozen=True):
    """A step takes less time at a larger value of the axis."""

    axis: str
    small: int
    large: int


class Bend(msgspec.Struct, frozen=True):
    """An end of a sweep does not lie on the line of the other sizes."""

    axis: str
    value: int
    held: LeftOut


Doubt = NoNumber | Drop | Bend
