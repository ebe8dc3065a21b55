"""Intervals of times that rest on how far all cases of one machine scatter, and not on each case's few rounds alone."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.stretches import Place
from embbench.stats.scatter import Bounds, Scatter, spread_of_samples
from embbench.stats.summary import Summary

Medians = Callable[[Result, str], Mapping[Place, float]]
SamplesOf = Callable[[Result, str], Iterable[Sequence[float]]]
Visited = Callable[[Result], Mapping[Place, int | None]]
More = Mapping[int, int]  # rounds beyond those there are, by the id() of a Result


class SharedScatter:
    """Of one metric in which cases scatter alike, over the ok results of one machine.

    results: of that machine. medians: by result and metric, one value a round. visited: by result, the stretch of each
    round; None where it does not say, and then the round is a visit of its own. Results with a value that is not above
    0 take no part. samples: of a result's rounds, in the metric.
    """

    def __init__(
        self, results: Iterable[Result], metric: str, medians: Medians, visited: Visited, samples: SamplesOf
    ) -> None:
        self._places: dict[int, int] = {}
        values: list[dict[Hashable, float]] = []
        least: list[tuple[float, float]] = []
        for result in results:
            known = medians(result, metric) if result.status == "ok" else {}
            if not known or min(known.values()) <= 0:
                continue
            stretches = visited(result)
            alone = len(values)
            self._places[id(result)] = alone
            values.append({_visit(place, stretches[place], alone): value for place, value in known.items()})
            rounds = samples(result, metric)
            least.append(spread_of_samples(each for each in rounds if min(each, default=0) > 0))
        self._scatter = Scatter(values, least)

    def bounds(self, one: Result, other: Result | None = None, more: More | None = None) -> Bounds | None:
        """The 95 % interval of the result's level, or of its level over the other's. None where a side has none, or
        where no two cases have one to share. more: see `Scatter.level`.
        """
        side = self._places.get(id(one))
        against = None if other is None else self._places.get(id(other))
        if side is None or (other is not None and against is None) or not self._scatter.tells:
            return None
        extra = {self._places[name]: rounds for name, rounds in (more or {}).items() if name in self._places}
        return self._scatter.level(side, extra) if against is None else self._scatter.ratio(side, against, extra)

    def around(self, center: float, n: int, one: Result, other: Result | None = None) -> Summary | None:
        """The bounds around a center, which they are widened to contain: they lie around a mean of logarithms, which a
        median may leave.
        """
        bounds = self.bounds(one, other)
        return None if bounds is None else Summary(center, min(bounds[0], center), max(bounds[1], center), n)


def _visit(place: Place, stretch: int | None, alone: int) -> Hashable:
    return (*place, "alone", alone) if stretch is None else (*place, stretch)
