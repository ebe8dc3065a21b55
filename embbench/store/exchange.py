"""The messages between launcher and worker, one JSON line per message: requests on stdin, answers on stdout."""

import msgspec

from embbench.cases.case import Case
from embbench.cases.contender import Planned
from embbench.cases.installed import Installed
from embbench.cases.protocol import Protocol
from embbench.cases.sources import Source
from embbench.store.round import Round

VERSION = 8  # of the messages; raised if an older worker could not follow them or would do other work

TURNS = "turns"  # the phase of a round in which its steps take turns with those of a reference
REFERENCE = "reference"  # condition of such a round: the id of the reference


class RankPlace(msgspec.Struct, frozen=True):
    """The place of a worker among the ranks of its round. number: from 0, the lead. address: at which the lead listens
    for the other ranks, the path of a socket or HOST:PORT. key: the secret by which they know each other. local: number
    on its machine; None where all ranks share a machine.
    """

    number: int
    ranks: int
    address: str
    key: str
    local: int | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One round to do: the first line. contender: path of the contender's file. launch: name of the pair of workers
    that take turns, '' for a lone worker. slowdown: share by which every step is made slower, for `selftest`; None for
    no change. source: the file of the token stream, if there is one. planted: a name of `lies.plants`, for `selftest`;
    '' for the contender itself. hash_seed: of Python's `hash`; it changes where a process places its objects, and so
    the time of a step. Both sides of a launch get the same seed and so differ less by chance. None for a random seed.
    checked: an earlier launch has checked the arithmetic of the same program; then this worker does not check, which
    saves a third of its time. watched: an earlier process of the same program showed neither growing memory nor cheaper
    unwatched steps; then this worker does not look for them, which saves many steps. The fence of that process was
    proven too, so the samples alone are enough here. reference: a case of the same contender, whose steps take turns
    with those of `case` at the end of the round; None for no turns. rank: of a case with several ranks; None for a case
    with one.

    A worker of a launch is resident: it does not take all samples at once, but waits for `Turn` messages until stdin
    ends.
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
    reference: Case | None = None
    rank: RankPlace | None = None


class MachineState(msgspec.Struct, frozen=True):
    """The state of the machine, read by the parent while nothing was timed. core_latency: see `host.core_latency`; ()
    if unknown.
    """

    core_latency: tuple[int | None, ...] = ()


class Turn(msgspec.Struct, frozen=True, tag="turn"):
    """Asks a resident worker for one sample: a block of `steps`. state: just before the turn, if it was read."""

    steps: int
    state: MachineState = MachineState()


class Entered(msgspec.Struct, frozen=True, tag="entered"):
    """The worker begins a phase. Sent before the phase, never within 'measure'."""

    phase: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """A resident worker waits for its next turn. steps: per block, by the worker's own needs. seconds: per step, in the
    warm-up.
    """

    steps: int
    seconds: float


class Between(msgspec.Struct, frozen=True, tag="between"):
    """A lone worker is between two samples and waits for a `MachineState` line."""


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The round is done: the last line of a worker."""

    round: Round


class AskedPlanner(msgspec.Struct, frozen=True):
    """What a framework's own planner of ranks answered for a case. planned: None where it did not, and why."""

    planned: Planned | None
    why: str = ""


class Inventory(msgspec.Struct, frozen=True):
    """The contenders of a Python environment, by name. exchange: the VERSION of that environment. version, code: of its
    embbench, see `host.packages`. distributions: all installed distributions, name as in PEP 503 -> version; None if an
    older embbench answers.
    """

    contenders: dict[str, Installed]
    exchange: int = 0
    version: str = ""
    code: str = ""
    distributions: dict[str, str] | None = None


Answer = Entered | Ready | Between | Finished
