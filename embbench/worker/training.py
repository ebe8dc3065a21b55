"""How many steps a path takes to learn: the same program in small, on texts whose labels are in their words. What it
costs a step says nothing of that, where rows move otherwise than they would.
"""

import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Skip, Trial
from embbench.cases.sources import Source
from embbench.cases.streams import Tokens
from embbench.cases.training_task import LEARNT, MOST_LESSONS, in_small
from embbench.cases.workload import CLASSES
from embbench.store.exchange import Request
from embbench.worker.audit import Prepare
from embbench.worker.clock import Clock
from embbench.worker.note import Note, condition, measured
from embbench.workloads import draw_tokens, workload_of

WINDOW = 32  # steps whose mean loss must be there: a single batch may be an easy one
PATIENCE = 30.0  # seconds of a first step from which on compiling once more takes too long
LONGEST = 60.0  # seconds of steps


def train(request: Request, first_step: float, prepare: Prepare, clock: Clock) -> Note:
    """steps_to_loss or unreached_loss, or a condition that says why there is neither. Each round has texts and weights
    of its own, the same ones for every case. To be called when nothing else is to be measured. first_step: seconds.
    """
    if request.case.table == "hybrid":
        return untrained("in small, all rows of a hybrid table would train")
    if first_step > PATIENCE:
        return untrained("its first step, which compiles, takes too long")
    try:
        case = in_small(request.case, request.round)
        return _train(prepare(case, lesson(case, MOST_LESSONS, request.source)), clock)
    except (MemoryError, RuntimeError, ValueError, Skip) as error:  # the step itself was measured and stands
        return untrained(f"{type(error).__name__}: {error}")


def untrained(reason: str) -> Note:
    return condition(training=f"not trained: {reason}")


NO_LOSS = untrained("its trial shows no loss")


def lesson(case: Case, batches: int, source: Source | None = None) -> Tokens:
    """The case's token stream with labels that can be learnt: each row stands for one class, and the workload says what
    a label makes of the classes of its tokens.
    """
    ids = draw_tokens(case, batches, source).ids
    classes = np.random.default_rng([case.seed, 6]).integers(0, CLASSES, case.vocab)[ids]
    return Tokens(ids, workload_of(case).learnable_labels(classes))


def _train(trial: Trial, clock: Clock) -> Note:
    losses: list[float] = []
    begin = clock()
    while len(losses) < MOST_LESSONS:
        trial.step()
        losses.append(trial.loss())
        if len(losses) >= WINDOW and np.mean(losses[-WINDOW:]) <= LEARNT:
            return measured("steps_to_loss", len(losses))
        if (clock() - begin) / 1e9 > LONGEST:
            return untrained(f"{len(losses)} steps in small took {LONGEST:.0f} s")
    reached = float(np.mean(losses[-WINDOW:]))
    if not np.isfinite(reached):
        return untrained(f"its loss is {reached}")
    return measured("unreached_loss", reached)
