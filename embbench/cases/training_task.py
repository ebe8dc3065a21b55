"""The small training task of a path, and the loss that counts as learnt; see `worker.training`."""

import msgspec

from embbench.cases.case import Case, batch_for
from embbench.cases.workload_axes import WORKLOAD_AXES

# Chosen so that dense Adam arrives after some 200 steps, in a second or two; every batch is drawn once.
SMALL = {"vocab": 2000, "dim": 64, "batch": 64, "seq": 8} | {
    name: axis.training for name, axis in WORKLOAD_AXES.items() if axis.training is not None
}
LEARNT = 1.5  # mean loss; a guess has log(CLASSES) = 2.08
MOST_LESSONS = 600  # most steps of the task


def in_small(case: Case, turn: int = 0) -> Case:
    """The small case, with all axes that choose the code path. turn: number of the round."""
    sizes = {**SMALL, "batch": batch_for(case.ranks, SMALL["batch"])}
    return msgspec.structs.replace(case, **sizes, seed=case.seed + turn)
