"""What a worker process is asked on stdin and what it answers, a JSON line each."""

import msgspec

from embbench.spec.case import Case
from embbench.spec.protocol import Protocol
from embbench.spec.sources import Source
from embbench.store.round import Round

VERSION = 7  # of what is exchanged; raised where an older worker could not follow, or would do other work


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One round to do; the first line. contender: path of the contender's file. launch: names the pair of workers that
    take turns, '' for a worker on its own. slowdown: a share by which each step is made slower, for `selftest`; None
    for steps as they are. source: the file of the case's token stream, where it has one. planted: a name of
    `lies.plants`, for `selftest`; '' for the contender as it is. hash_seed: of Python's `hash`, which moves where a
    process has its objects and what its step takes: both sides of a launch get the same, so that they differ less by
    chance; None for a random one. checked: whether an earlier launch checked the arithmetic of the same program:
    then this one does not, which takes a third of its time. watched: whether an earlier process of the same program was
    watched for memory that grows and for steps that are cheaper unwatched, and showed neither: that takes many steps.
    Its fence is proven, too: then what the samples say of this one is enough.

    A worker of a launch is resident: instead of taking all of its samples at once it waits for a `Turn`, a line each,
    until stdin ends.
    """

    run: str
    suite: str
    case: Case
    round: int
    protocol: Protocol
    contender: str
    launch: str = ""
    slowdown: float | None = None
    source: Source | None = None
    planted: str = ""
    hash_seed: int | None = None
    checked: bool = False
    watched: bool = False


class MachineState(msgspec.Struct, frozen=True):
    """What the parent saw of the machine while nothing was timed. core_latency: see `host.core_latency`; () where it
    is not known.
    """

    core_latency: tuple[int | None, ...] = ()


class Turn(msgspec.Struct, frozen=True, tag="turn"):
    """Asks a resident worker for one sample: a block of `steps`. state: of just before, where it was looked at."""

    steps: int
    state: MachineState = MachineState()


class Entered(msgspec.Struct, frozen=True, tag="entered"):
    """The worker begins a phase. Sent before the phase, never within 'measure'."""

    phase: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """A resident worker waits for its first turn, or for the next. steps: that a block needs, as it sees it.
    seconds: of a step, as the warm-up found it.
    """

    steps: int
    seconds: float


class Between(msgspec.Struct, frozen=True, tag="between"):
    """A worker on its own stands between two samples and waits for a `MachineState`, a line."""


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The last line of an answer."""

    round: Round


class Installed(msgspec.Struct, frozen=True):
    """A contender in some environment. missing: what to give that environment's pip before it can run."""

    path: str
    software: dict[str, str]
    missing: tuple[str, ...]


class Inventory(msgspec.Struct, frozen=True):
    """What a Python environment can measure, contenders by name. exchange: VERSION there."""

    contenders: dict[str, Installed]
    exchange: int = 0


Answer = Entered | Ready | Between | Finished
