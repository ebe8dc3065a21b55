"""A follower: a rank that builds and steps what the lead tells it, and answers what it found."""

from multiprocessing.connection import Connection

from embbench.host.memory import reset_peak
from embbench.worker.clock import Clock
from embbench.worker.ranks.lead import ALIKE
from embbench.worker.ranks.link import (
    AskFacts,
    AskRates,
    BeginBlock,
    BuildTrial,
    CallMethod,
    DropTrial,
    MakeStep,
    RankMessage,
)
from embbench.worker.ranks.trial import RankTrials

ANSWERED = (*ALIKE, "memory")  # results that the lead looks at


def follow(trials: RankTrials, link: Connection, clock: Clock) -> None:
    """Does what the lead tells until the lead has ended."""
    while True:
        try:
            told: RankMessage = link.recv()
        except EOFError:
            return
        match told:
            case MakeStep(number):
                trials.call(number, "step", ())
            case DropTrial(number):
                trials.drop(number)
            case BeginBlock(number, steps):
                trials.call(number, "sync", ())
                link.send(None)
                link.recv()  # all ranks are ready
                link.send(trials.block(number, steps, clock))
            case BuildTrial(number, case, tokens):
                trials.make(number, case, tokens)
                reset_peak()  # the facts tell the peak of stepping
                link.send(None)
            case AskFacts(number):
                link.send(trials.facts(number))
            case AskRates(number, threads):
                link.send(trials.rates(number, threads, clock))
            case CallMethod(number, name, arguments):
                found = trials.call(number, name, arguments)
                link.send(found if name in ANSWERED else None)
