"""The connections between the lead rank and the other ranks of a round, for calls and answers.

The contender's own traffic between ranks does not take these connections, and no call comes within a timed block.
"""

import os
import socket
import time
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, NamedTuple

from embbench.cases.case import Case
from embbench.host.sockets import at_own, free_port
from embbench.store.exchange import RankPlace

PATIENCE = 120.0  # seconds until the lead listens: its framework may load more slowly
PAUSE = 0.02  # seconds between two tries to reach the lead
HERE = "127.0.0.1"


class BuildTrial(NamedTuple):
    """Build a trial. tokens: None for those that every rank has drawn."""

    number: int
    case: Case
    tokens: Any | None


class MakeStep(NamedTuple):
    """Make a step; no answer."""

    number: int


class BeginBlock(NamedTuple):
    """Get ready for a block of steps, and answer; make it on the next message, and answer its time."""

    number: int
    steps: int


class CallMethod(NamedTuple):
    """Call a method of a trial."""

    number: int
    name: str
    arguments: tuple[Any, ...]


class AskFacts(NamedTuple):
    """Answer `RankFacts`."""

    number: int


class AskRates(NamedTuple):
    """Measure `RankRates` together with all other ranks, and answer them. threads: of a rank."""

    number: int
    threads: int


class DropTrial(NamedTuple):
    """Free a trial; no answer."""

    number: int


RankMessage = BuildTrial | MakeStep | BeginBlock | CallMethod | AskFacts | AskRates | DropTrial


class Met(NamedTuple):
    """What a follower says of itself first. process: its id. machine: the name of its machine."""

    number: int
    process: int
    machine: str


class Rendezvous(NamedTuple):
    """Where the contender's own process group meets."""

    address: str
    port: int


class Lead:
    """The lead's connections, in the order of the ranks. beside: ids of the processes of followers on this machine.
    dropped: numbers of trials that the lead has freed, and that the followers still have.
    """

    def __init__(self, place: RankPlace) -> None:
        """Waits for all followers, and tells them where the contender's process group meets."""
        self.dropped: list[int] = []
        at = _address(place.address)
        own = at if isinstance(at, str) else (at_own(at[0]), at[1])
        with Listener(own, authkey=place.key.encode()) as listener:
            links = [listener.accept() for _ in range(place.ranks - 1)]
        met: dict[int, tuple[Met, Connection]] = {}
        for link in links:
            told: Met = link.recv()
            met[told.number] = told, link
        self._links = [link for _, (_, link) in sorted(met.items())]
        self.beside = tuple(told.process for told, _ in met.values() if told.machine == socket.gethostname())
        host = HERE if isinstance(at, str) else at[0]
        rendezvous = Rendezvous(host, free_port(host))
        self.tell(rendezvous)
        announce(place, rendezvous)

    def take_dropped(self) -> list[int]:
        """The numbers of `dropped`, which it then no longer has."""
        taken, self.dropped = self.dropped, []
        return taken

    def tell(self, message: Any) -> None:
        """Sends a message to all followers."""
        for link in self._links:
            link.send(message)

    def hear(self) -> list[Any]:
        """The answers of all followers, in the order of the ranks. Raises EOFError if a follower has ended."""
        return [link.recv() for link in self._links]


def meet(place: RankPlace) -> Connection:
    """A follower's connection to the lead. Raises OSError if the lead does not listen in time."""
    begun = time.monotonic()
    while True:
        try:
            link = Client(_address(place.address), authkey=place.key.encode())
            break
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() - begun > PATIENCE:
                raise
            time.sleep(PAUSE)
    link.send(Met(place.number, os.getpid(), socket.gethostname()))
    announce(place, link.recv())
    return link


def announce(place: RankPlace, rendezvous: Rendezvous) -> None:
    """Sets the variables by which process groups find each other, with the names that torchrun uses."""
    os.environ.pop("TORCHELASTIC_USE_AGENT_STORE", None)  # else a group would look for torchrun's own store there
    os.environ |= {
        "RANK": str(place.number),
        "LOCAL_RANK": str(place.number if place.local is None else place.local),
        "WORLD_SIZE": str(place.ranks),
        "LOCAL_WORLD_SIZE": str(place.ranks),
        "MASTER_ADDR": rendezvous.address,
        "MASTER_PORT": str(rendezvous.port),
    }


def _address(told: str) -> str | tuple[str, int]:
    """The path of a socket, or (host, port)."""
    host, _, port = told.rpartition(":")
    return (host, int(port)) if port.isdecimal() and "/" not in told else told
