"""A change of a user's own training step, held to the unmodified step."""

from typing import Literal

import msgspec

# same: the steps train alike. other: they do not. refused: the step does not run with the change. unknown: two runs of
# the unmodified step differ, and those of the changed step are not shown to differ from them.
Training = Literal["same", "other", "refused", "unknown"]


class FoundChange(msgspec.Struct, frozen=True, kw_only=True):
    """name: of the change. summary: what the user changes. difference: the largest difference of a weight after a few
    steps on equal batches with equal random numbers; None where nothing was compared. identical: whether all weights
    are equal bit by bit. why: what differs, or why the change was refused, without a full stop; '' for the same
    training. patch: the changed lines of the user's files; '' where the change is more than arguments.
    """

    name: str
    summary: str
    training: Training
    difference: float | None
    identical: bool
    why: str
    patch: str
