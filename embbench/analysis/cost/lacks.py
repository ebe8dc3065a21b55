"""Why a prediction or an explanation is incomplete, as values; `report` turns them into sentences."""

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import Case
from embbench.stats.fit import LeftOut


class Measure(msgspec.Struct, frozen=True):
    """What to measure: the case at these sizes, axis -> values."""

    case: Case
    sizes: dict[str, tuple[int, ...]]


class NoSuchPath(msgspec.Struct, frozen=True):
    """No result differs from the case in its sizes alone. others: axes in which the results differ from the case; None
    without results.
    """

    case: Case
    others: tuple[str, ...] | None


class Mixed(msgspec.Struct, frozen=True):
    """Results of several machines or sets of versions."""

    count: int


class OneSize(msgspec.Struct, frozen=True):
    """The axis was measured at a single value, and another value is asked."""

    axis: str
    measured: int


class TooFar(msgspec.Struct, frozen=True):
    """The asked value is further than a factor of `factor` from all measured values."""

    axis: str
    measured: tuple[int, ...]
    asked: int
    factor: int


class OffTheLine(msgspec.Struct, frozen=True):
    """The time of the case is off the line of the other sizes."""

    case: Case
    held: LeftOut


class LineMisses(msgspec.Struct, frozen=True):
    """A line that is nowhere below 0 misses the times of the sizes by up to the share `worst`. sizes: number of
    sizes.
    """

    sizes: int
    worst: float


class FallsToNothing(msgspec.Struct, frozen=True):
    """The times fall with the size, and reach 0 before the asked size."""


class AxesTogether(msgspec.Struct, frozen=True):
    """vocab and dim were varied together, so the times do not separate them."""

    case: Case


class NoInterval(msgspec.Struct, frozen=True):
    """The sizes were measured once each. sizes: number of sizes. axis, between: the neighbours of the asked size, where
    it lies between two sizes or was measured itself.
    """

    sizes: int
    axis: str = ""
    between: tuple[int, ...] = ()


class TooVague(msgspec.Struct, frozen=True):
    """The times scatter too much for a prediction at so distant a size."""


class OnlyBetween(msgspec.Struct, frozen=True):
    """No line describes the times: the prediction comes from the two neighbours."""

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
    """An end of a sweep is off the line of the other sizes."""

    axis: str
    value: int
    held: LeftOut


Doubt = NoNumber | Drop | Bend
