"""The learning curves of a case, over the seeds of its round. A workload that has them has `curves`."""

from collections.abc import Callable
from typing import Any

from embbench.cases.case import Case
from embbench.cases.claim import Expected, check
from embbench.cases.contender import Skip
from embbench.cases.learning_curve import SEEDS, LearningCurve
from embbench.errors import UsageError
from embbench.store.exchange import Request
from embbench.worker.failures import memory_errors
from embbench.worker.note import NOTHING, Note, condition
from embbench.workloads import workload_of

BEYOND = "beyond_floor"  # fact of a curve
HONEST = Expected("held-out losses below the best possible: standard errors beyond 4", [0.0])


def learning(request: Request, prepare: Callable[[Case, Any], Any], tell: Callable[[str], None]) -> Note:
    """The curves of the round's seeds; NOTHING for a workload without curves. tell: called with the name of each phase.

    A training that fails is a condition and loses nothing that was measured.
    """
    case = request.case
    make = getattr(workload_of(case), "curves", None)
    if make is None:
        return NOTHING
    first = case.seed + SEEDS * request.round
    found: list[LearningCurve] = []
    try:
        tell(_phase(0))
        own = () if request.source is None else (request.source,)  # for a workload whose texts may be a file's
        with memory_errors():
            for curve in make(case, range(first, first + SEEDS), prepare, *own):
                found.append(curve)
                tell(_phase(len(found)))
    except (MemoryError, RuntimeError, ValueError, Skip, UsageError) as error:
        return Note(curves=tuple(found)) + condition(learning=f"not scored: {type(error).__name__}: {error}")
    beyond = [curve.facts[BEYOND] for curve in found if BEYOND in curve.facts]
    claims = (check(HONEST, lambda: [max(0.0, max(beyond) - 4)]),) if beyond else ()
    return Note(curves=tuple(found), claims=claims)


def _phase(done: int) -> str:
    return f"learning curve {min(done + 1, SEEDS)} of {SEEDS}"
