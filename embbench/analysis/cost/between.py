"""A size between two measured ones: what the line through all says of it, or else what its neighbours say."""

import math
from collections.abc import Sequence

import msgspec
from scipy import special

from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import Case
from embbench.stats.fit import Features, Points, fit, repeats
from embbench.stats.summary import CONFIDENCE, Summary, median

SIZES = ("vocab", "dim")
MOST_WIDE = 300.0  # on logarithms: more is no number of a machine


class Neighbours(msgspec.Struct, frozen=True):
    """Of a case along `axis`: the measured results next to it on either side; twice the same where that is measured
    itself.
    """

    axis: str
    below: Result
    above: Result

    @property
    def values(self) -> tuple[int, ...]:
        """Of `axis`: both, or the one."""
        return tuple(dict.fromkeys(getattr(each.case, self.axis) for each in (self.below, self.above)))

    @property
    def itself(self) -> bool:
        """Whether the case was measured."""
        return self.below is self.above

    def part(self, case: Case) -> float:
        """Of the way from the one to the other, on logarithms."""
        one, asked, other = (getattr(each, self.axis) for each in (self.below.case, case, self.above.case))
        return 0.0 if self.itself else math.log(asked / one) / math.log(other / one)

    def nearer(self, asked: int) -> list[int]:
        """Sizes between them that would tell more, with the asked one: the geometric means of it and of each."""
        ends = [getattr(each.case, self.axis) for each in (self.below, self.above)]
        return sorted({asked, *(_rounded(math.sqrt(asked * end)) for end in ends)})


def neighbours(case: Case, path: Sequence[Result]) -> Neighbours | None:
    """None where the case lies beyond all that were measured of the same other size."""
    for axis in SIZES:
        other = next(each for each in SIZES if each != axis)
        alike = [each for each in path if getattr(each.case, other) == getattr(case, other)]
        asked = getattr(case, axis)
        below = [each for each in alike if getattr(each.case, axis) <= asked]
        above = [each for each in alike if getattr(each.case, axis) >= asked]
        if below and above:
            return Neighbours(
                axis,
                max(below, key=lambda each: getattr(each.case, axis)),
                min(above, key=lambda each: getattr(each.case, axis)),
            )
    return None


def by_line(case: Features, ends: tuple[Features, Features], points: Points) -> Summary | None:
    """What the line says of a size within it, but not beyond what was measured at either neighbour; its interval
    stretched to what it leaves at the neighbours: where times bend or step, it is off there as it is at them. None
    where no line describes the points.
    """
    try:
        fitted = fit(points)
    except ValueError:
        return None
    told = fitted.at(case)
    if told.center <= 0 or told.low is None or told.high is None or not fitted.bound_holds:
        return None
    off = [median(points[each]) / fitted.at(each).center for each in ends]
    low, high = (pick(told.center * each for each in (1.0, *off)) for pick in (min, max))
    least, most = sorted(median(points[each]) for each in ends)
    center = min(max(told.center, least), most)
    return Summary(center, min(told.low, low, center), max(told.high, high, center), told.n)


def by_neighbours(part: float, ends: tuple[Features, Features], points: Points) -> Summary | None:
    """From the lower to the upper end of what would be measured again at both neighbours: whatever rises from the one
    to the other, by a line, a bend or a step, is between them. None where nothing was repeated: then nobody knows
    how a point scatters. part: of the way from the one to the other, on logarithms.

    The center is that of a power law through both, which is monotone, and right for what does not grow and for what
    grows in proportion.
    """
    scatter, freedom = repeats(points)
    if not freedom:
        return None
    first, last = (median(points[each]) for each in ends)
    wide = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * scatter * math.sqrt(2)  # of the old one and the new
    wide = min(wide, MOST_WIDE)
    low, high = min(first, last) * math.exp(-wide), max(first, last) * math.exp(wide)
    return Summary(first * (last / first) ** part, low, high, min(map(len, points.values())))


def _rounded(value: float) -> int:
    """With two figures, as people write sizes."""
    return int(float(f"{value:.1e}")) or 1
