"""What a run would do with a case: the memory and the time that it takes, or why it is not measured."""

import msgspec

from embbench.cases.case import Case


class CaseEstimate(msgspec.Struct, frozen=True):
    """status: 'run', or 'skipped' or 'unsupported' with a reason.

    needed, free: bytes; None for an unsupported case, and `free` is None if the device does not know. passes: over the
    table, per step. seconds: of all rounds of the case.
    """

    case: Case
    status: str
    reason: str | None
    rounds: int
    needed: int | None
    free: int | None
    passes: float | None
    seconds: float
