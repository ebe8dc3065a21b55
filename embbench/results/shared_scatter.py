"""Intervals of times that rest on how far all cases of one machine scatter, and not on each case's few rounds alone."""

from collections.abc import Callable, Hashable, Iterable, Mapping

from embbench.results.collapse import Result
from embbench.stats.scatter import Bounds, Scatter
from embbench.stats.summary import Summary, median

Place = tuple[str, int]  # run, round
Medians = Callable[[Result, str], Mapping[Place, float]]
Visited = Callable[[Result], Mapping[Place, int | None]]
More = Mapping[int, int]  # rounds beyond those there are, by the id() of a Result


class SharedScatter:
    """Of one metric in which cases scatter alike, over the ok results of one machine.

    results: of that machine. medians: by result and metric, one value a round. visited: by result, the stretch of each
    round; None where it does not say, and then the round is a visit of its own. Results with a value that is not above
    0 take no part.
    """

    def __init__(self, results: Iterable[Result], metric: str, medians: Medians, visited: Visited) -> None:
        self._places: dict[int, int] = {}
        values: list[dict[Hashable, float]] = []
        for result in results:
            known = medians(result, metric) if result.status == "ok" else {}
            if not known or min(known.values()) <= 0:
                continue
            stretches = visited(result)
            alone = len(values)
            self._places[id(result)] = alone
            values.append({_visit(place, stretches[place], alone): value for place, value in known.items()})
        self._scatter = Scatter(values)

    def level(self, result: Result, values: Iterable[float], more: More | None = None) -> Summary | None:
        """The median of the result's values, with its interval. None where it has none, or no other case does."""
        at = self._places.get(id(result))
        bounds = None if at is None or not self._scatter.tells else self._scatter.level(at, self._more(more))
        known = list(values)
        return None if bounds is None else _around(median(known), bounds, len(known))

    def ratio(self, one: Result, other: Result, center: float, n: int, more: More | None = None) -> Summary | None:
        """one / other around the given center. None where a side has no interval."""
        sides = self._places.get(id(one)), self._places.get(id(other))
        if sides[0] is None or sides[1] is None or not self._scatter.tells:
            return None
        bounds = self._scatter.ratio(sides[0], sides[1], self._more(more))
        return None if bounds is None else _around(center, bounds, n)

    def _more(self, more: More | None) -> dict[int, int]:
        return {self._places[name]: rounds for name, rounds in (more or {}).items() if name in self._places}


def _visit(place: Place, stretch: int | None, alone: int) -> Hashable:
    return (*place, "alone", alone) if stretch is None else (*place, stretch)


def _around(center: float, bounds: Bounds, n: int) -> Summary:
    """Widened so that the bounds contain the center: they lie around a mean of logarithms, which a median may leave."""
    low, high = bounds
    return Summary(center, min(low, center), max(high, center), n)
