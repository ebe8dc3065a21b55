"""What a worker process is asked on stdin and what it answers, a JSON line each."""

import msgspec

from embbench.spec.case import Case
from embbench.spec.protocol import Protocol
from embbench.store.round import Round


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One round to do. contender: path of the contender's file."""

    run: str
    suite: str
    case: Case
    round: int
    protocol: Protocol
    contender: str


class Entered(msgspec.Struct, frozen=True, tag="entered"):
    """The worker begins a phase. Sent before the phase, never within 'measure'."""

    phase: str


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The last line of an answer."""

    round: Round


Answer = Entered | Finished
