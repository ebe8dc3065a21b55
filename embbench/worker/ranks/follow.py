"""A follower: a rank that builds and steps what the lead tells it, and answers what it found."""

from multiprocessing.connection import Connection
from typing import Any

from embbench.host.memory import reset_peak
from embbench.worker.clock import Clock
from embbench.worker.ranks.lead import ALIKE
from embbench.worker.ranks.trial import RankTrials

ANSWERED = (*ALIKE, "memory")  # results that the lead looks at


def follow(trials: RankTrials, link: Connection, clock: Clock) -> None:
    """Does what the lead tells until the lead has ended."""
    while True:
        try:
            name, number, *rest = link.recv()
        except EOFError:
            return
        if name == "step":
            trials.call(number, "step", ())
        elif name == "drop":
            trials.drop(number)
        elif name == "block":
            trials.call(number, "sync", ())
            link.send(None)
            link.recv()
            link.send(trials.block(number, *rest, clock))
        else:
            link.send(_answer(trials, name, number, rest))


def _answer(trials: RankTrials, name: str, number: int, rest: list[Any]) -> Any:
    if name == "facts":
        return trials.facts(number)
    if name == "make":
        trials.make(number, *rest)
        reset_peak()  # `facts` tells the peak of stepping
        return None
    found = trials.call(number, *rest)
    return found if rest[0] in ANSWERED else None
