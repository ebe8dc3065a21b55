"""Predictions for a size between two measured sizes, from the line through all sizes, or else from its neighbours."""

import math
from collections.abc import Sequence

import msgspec
from scipy import special

from embbench.analysis.collapse.collapse import Result
from embbench.cases.case import Case
from embbench.stats.fit import Features, Points, fit, repeats
from embbench.stats.summary import CONFIDENCE, Summary, median

SIZES = ("vocab", "dim")
MOST_WIDE = 300.0  # on logarithms: a limit against overflow, beyond any time or size


class Neighbours(msgspec.Struct, frozen=True):
    """The measured results next to a case along `axis`, on either side. Both are the same result where the case itself
    was measured.
    """

    axis: str
    below: Result
    above: Result

    @property
    def values(self) -> tuple[int, ...]:
        """The distinct values of `axis`: two, or one for a measured case."""
        return tuple(dict.fromkeys(getattr(each.case, self.axis) for each in (self.below, self.above)))

    @property
    def itself(self) -> bool:
        """Whether the case was measured."""
        return self.below is self.above

    def part(self, case: Case) -> float:
        """The place of the case between the neighbours, from 0 to 1, on logarithms."""
        one, asked, other = (getattr(each, self.axis) for each in (self.below.case, case, self.above.case))
        return 0.0 if self.itself else math.log(asked / one) / math.log(other / one)

    def nearer(self, asked: int) -> list[int]:
        """Further sizes that would sharpen the prediction: the asked size, and its geometric mean with each
        neighbour.
        """
        ends = [getattr(each.case, self.axis) for each in (self.below, self.above)]
        return sorted({asked, *(_rounded(math.sqrt(asked * end)) for end in ends)})


def neighbours(case: Case, path: Sequence[Result]) -> Neighbours | None:
    """The neighbours of a case; None for a case outside the measured range at its other size."""
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
    """The prediction by the line for a size within the measured range, limited to the range between the neighbours'
    medians. The interval is widened by the deviations of the line at the neighbours: where times bend or step, the line
    is as far off between them. None where no line describes the points.
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
    """The prediction from the neighbours alone. The interval reaches from the lower to the upper end of a new
    measurement at the neighbours: values that rise from one to the other, by a line, a bend or a step, lie between.
    None without repeats, because the scatter of a point is then unknown. part: the place between the neighbours, from 0
    to 1, on logarithms.

    The center is on a power law through both neighbours. It is monotone, and exact for values that do not grow and for
    values that grow in proportion.
    """
    scatter, freedom = repeats(points)
    if not freedom:
        return None
    first, last = (median(points[each]) for each in ends)
    wide = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * scatter * math.sqrt(2)  # of old and new measurement
    wide = min(wide, MOST_WIDE)
    low, high = min(first, last) * math.exp(-wide), max(first, last) * math.exp(wide)
    return Summary(first * (last / first) ** part, low, high, min(map(len, points.values())))


def _rounded(value: float) -> int:
    """Rounded to two figures, as people write sizes."""
    return int(float(f"{value:.1e}")) or 1
