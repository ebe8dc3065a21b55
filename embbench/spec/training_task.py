"""What a path is trained on in small, and when it has learnt; see `worker.training`."""

import msgspec

from embbench.spec.case import Case

# Chosen so that dense Adam arrives after some 200 steps, in a second or two; every batch is drawn once.
SMALL = {"vocab": 2000, "dim": 64, "hidden": 32, "batch": 64, "seq": 8}
LEARNT = 1.5  # a mean loss that only what was learnt gives: a guess has log(CLASSES) = 2.08
MOST_LESSONS = 600  # steps within which it is reached, or not


def in_small(case: Case, turn: int = 0) -> Case:
    """The case that is trained: everything that chooses the code path stays. turn: the round."""
    return msgspec.structs.replace(case, **SMALL, seed=case.seed + turn)
