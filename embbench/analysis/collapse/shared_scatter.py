"""Intervals of times from the scatter of all cases of a machine, rather than from the few rounds of a case."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.stretches import Place
from embbench.stats.scatter import Bounds, Scatter, spread_of_samples
from embbench.stats.summary import Summary

Medians = Callable[[Result, str], Mapping[Place, float]]
SamplesOf = Callable[[Result, str], Iterable[Sequence[float]]]
Visited = Callable[[Result], Mapping[Place, int | None]]
More = Mapping[int, int]  # id() of a Result -> further rounds


class SharedScatter:
    """The scatter of a metric over the ok results of a machine.

    results: of that machine. medians: of result and metric, a value per round. visited: of a result, the stretch of
    each round; None for an unknown stretch, and then the round is a visit of its own. samples: of result and metric,
    the samples of each round. Results with a value of 0 or less are left out.
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
        """The 95 % interval of the result's level, or of its level over the other's. None where a side has no interval,
        or where fewer than two cases have a scatter to share. more: see `Scatter.level`.
        """
        side = self._places.get(id(one))
        against = None if other is None else self._places.get(id(other))
        if side is None or (other is not None and against is None) or not self._scatter.tells:
            return None
        extra = {self._places[name]: rounds for name, rounds in (more or {}).items() if name in self._places}
        return self._scatter.level(side, extra) if against is None else self._scatter.ratio(side, against, extra)

    def around(self, center: float, n: int, one: Result, other: Result | None = None) -> Summary | None:
        """The bounds, widened to contain `center`: the bounds lie around a mean of logarithms, and a median may lie
        outside.
        """
        bounds = self.bounds(one, other)
        return None if bounds is None else Summary(center, min(bounds[0], center), max(bounds[1], center), n)


def _visit(place: Place, stretch: int | None, alone: int) -> Hashable:
    return (*place, "alone", alone) if stretch is None else (*place, stretch)
