"""The result of a lie or of an honest program in `selftest --audit`. It is shown and not saved."""

from typing import Literal

import msgspec

# A lie is caught (refused), warned (a warning names it) or passed. An honest program is accepted or refused. Both may
# be absent (the contender has no such case) or broke (the worker failed for another reason).
TryoutVerdict = Literal["caught", "warned", "passed", "accepted", "refused", "absent", "broke"]
FAILURES: frozenset[TryoutVerdict] = frozenset({"passed", "refused", "broke"})


class Tryout(msgspec.Struct, frozen=True):
    """The result of one program on one contender. text: the finding, the code of the warning, or the reason. codes:
    codes of all warnings.
    """

    program: str
    does: str
    honest: bool
    contender: str
    verdict: TryoutVerdict
    text: str = ""
    codes: tuple[str, ...] = ()
