"""What to measure for a prediction, or for a better one."""

from collections.abc import Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.cost.between import SIZES, Neighbours
from embbench.analysis.cost.lacks import Lack, Measure, OneSize
from embbench.cases.case import Case

SPREAD = (0.04, 0.1, 0.2)  # of the asked vocabulary: cheap sizes to measure for a prediction
LEAST = 1000  # least rows of these sizes


def itself(case: Case) -> Measure:
    """The case."""
    return Measure(case, {axis: (getattr(case, axis),) for axis in SIZES})


def cheapest(case: Case, path: Sequence[Result], lack: Lack | None = None) -> Measure:
    """The cheapest sizes that give a prediction of the case. path: the results that differ in vocab and dim only.

    New columns at the measured vocabularies, if the columns are all that is new. The case itself, if a table of so many
    rows was measured. Else smaller vocabularies, or, where these have too few rows for a line, the case's own and
    larger vocabularies.
    """
    measured = sorted({each.case.vocab for each in path})
    if isinstance(lack, OneSize) and lack.axis == "dim":
        wide = (case.dim,) if case.dim < lack.measured else _around(lack.measured)
        return Measure(case, {"vocab": tuple(measured), "dim": wide})
    if measured and case.vocab <= measured[-1]:
        return itself(case)
    small = case.vocab * min(SPREAD) < LEAST
    shares = (1, 2, 4) if small else SPREAD
    vocabs = sorted({case.vocab * share if small else round(case.vocab * share, -3) for share in shares})
    return Measure(case, {"vocab": tuple(round(vocab) for vocab in vocabs), "dim": (case.dim,)})


def more_beyond(case: Case, path: Sequence[Result]) -> Measure:
    """The same for a case outside the measured range; the case itself where results reach the advised sizes."""
    most = max(each.case.vocab for each in path)
    return itself(case) if case.vocab * max(SPREAD) <= most else cheapest(case, path)


def more_between(case: Case, near: Neighbours) -> Measure:
    """Sizes for a sharper prediction between two sizes."""
    sizes = {axis: (getattr(case, axis),) for axis in SIZES}
    return Measure(case, {**sizes, near.axis: tuple(near.nearer(getattr(case, near.axis)))})


def _around(size: int) -> tuple[int, ...]:
    """Sizes that give a line: half of the size, the size, and twice the size."""
    return tuple(sorted({max(1, size // 2), size, 2 * size}))
