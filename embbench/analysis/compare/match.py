"""Two saved runs -> pairs of results, case by case."""

from collections.abc import Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result, collapse
from embbench.cases.case import also_varying, label_both
from embbench.store.round import Round


class Pair(msgspec.Struct, frozen=True):
    """A case. base, candidate: its results on the side; () where the side lacks the case, several for several machines
    or sets of versions.
    """

    name: str
    base: tuple[Result, ...]
    candidate: tuple[Result, ...]

    @property
    def example(self) -> Result:
        """Any result of the pair, for shared values."""
        return (*self.candidate, *self.base)[0]


def match(base: Sequence[Round], candidate: Sequence[Round]) -> list[Pair]:
    """A pair per case of both sides: in the base's order, then new cases. Two cases that took turns in a launch make a
    pair: their difference is the question.
    """
    sides: list[dict[str, list[Result]]] = [{}, {}]
    for result in collapse(base):
        sides[0].setdefault(result.case_id, []).append(result)
    opposite = {line.launch: line.case_id for line in base if line.launch}
    for result in collapse(candidate):
        facing = (opposite[line.launch] for line in result.rounds if line.launch in opposite)
        sides[1].setdefault(next(facing, result.case_id), []).append(result)
    known = list(dict.fromkeys([*sides[0], *sides[1]]))
    also = also_varying([result.case for side in sides for results in side.values() for result in results])
    return [_pair(tuple(sides[0].get(name, ())), tuple(sides[1].get(name, ())), also) for name in known]


def shared_rounds(pairs: Sequence[Pair]) -> tuple[list[Round], list[Round]]:
    """The rounds of base and candidate, of cases on both sides."""
    shared = [pair for pair in pairs if pair.base and pair.candidate]
    base, candidate = (
        [line for pair in shared for result in getattr(pair, side) for line in result.rounds]
        for side in ("base", "candidate")
    )
    return base, candidate


def _pair(base: tuple[Result, ...], candidate: tuple[Result, ...], also: Sequence[str]) -> Pair:
    one, other = (base or candidate)[0].case, (candidate or base)[0].case
    return Pair(label_both(one, other, also), base, candidate)


def launches(base: Result, candidate: Result, metric: str) -> list[tuple[Round, Round]]:
    """(base, candidate) rounds with the metric from the same launch; [] for sides that were measured apart."""
    known = {line.launch: line for line in base.good if line.launch and metric in line.metrics}
    with_metric = [line for line in candidate.good if metric in line.metrics]
    return [(known[line.launch], line) for line in with_metric if line.launch in known]
