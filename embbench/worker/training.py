"""How many steps a path takes to learn, with a small case, on texts whose words determine their labels. A path that
moves rows differently may need more steps, which its time per step does not show.
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
from embbench.worker.failures import memory_errors
from embbench.worker.note import Note, condition, measured
from embbench.workloads import draw_tokens, network_of

WINDOW = 32  # steps whose mean loss counts: a single batch may be easy
PATIENCE = 30.0  # seconds of a first step from which on compiling again takes too long
LONGEST = 60.0  # seconds of steps


def train(request: Request, first_step: float, prepare: Prepare, clock: Clock) -> Note:
    """steps_to_loss or unreached_loss, or a condition with the reason why both are missing. Every round has its own
    texts and weights, which are the same for every case. Call it last. first_step: seconds.
    """
    if request.case.table == "hybrid":
        return untrained("in a small copy, all rows of a hybrid table would train")
    if first_step > PATIENCE:
        return untrained("the first step, which compiles, takes too long")
    try:
        case = in_small(request.case, request.round)
        with memory_errors():
            return _train(prepare(case, lesson(case, MOST_LESSONS, request.source)), clock)
    except (MemoryError, RuntimeError, ValueError, Skip) as error:  # the step itself was measured and stands
        return untrained(f"{type(error).__name__}: {error}")


def untrained(reason: str) -> Note:
    return condition(training=f"not trained: {reason}")


NO_LOSS = untrained("the trial shows no loss")


def lesson(case: Case, batches: int, source: Source | None = None) -> Tokens:
    """The case's token stream with labels that can be learnt. Every row of the table belongs to a class, and the
    workload makes the labels from the classes of the tokens.
    """
    ids = draw_tokens(case, batches, source).ids
    classes = np.random.default_rng([case.seed, 6]).integers(0, CLASSES, case.vocab)[ids]
    return Tokens(ids, network_of(case).learnable_labels(classes))


def _train(trial: Trial, clock: Clock) -> Note:
    losses: list[float] = []
    begin = clock()
    while len(losses) < MOST_LESSONS:
        trial.step()
        losses.append(trial.loss())
        if len(losses) >= WINDOW and np.mean(losses[-WINDOW:]) <= LEARNT:
            return measured("steps_to_loss", len(losses))
        if (clock() - begin) / 1e9 > LONGEST:
            return untrained(f"{len(losses)} small steps took {LONGEST:.0f} s")
    reached = float(np.mean(losses[-WINDOW:]))
    if not np.isfinite(reached):
        return untrained(f"the loss is {reached}")
    return measured("unreached_loss", reached)
