"""The names of a contest's launches, and what hangs on them: which a journal holds, and by what both sides hash."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import msgspec

from embbench.ab.decision import Launch
from embbench.ab.sides import Contest
from embbench.launch.order import from_outside
from embbench.spec.case import case_id
from embbench.store.round import Round

RESUMED = "resumed"  # among a round's conditions


def hash_seed(launch: str) -> int:
    """Of the launch's name, so that both sides have it and no two launches of a run do."""
    return int.from_bytes(hashlib.sha256(launch.encode()).digest()[:4])


def known_launches(contest: Contest, base: Sequence[Round], head: Sequence[Round]) -> list[Launch]:
    """The contest's launches that both journals hold, in the order in which they were made. One in which a signal from
    outside ended a worker is left out, to be made once more.
    """
    part = f"/{mark(contest)}/"
    one, other = ({line.launch: line for line in rounds if part in line.launch} for rounds in (base, head))
    made = Counter(line.launch for line in base)
    launches = [
        (one[name], other[name])
        for name in one
        if name in other and (made[name] > 1 or not any(map(from_outside, (one[name], other[name]))))
    ]
    return sorted(launches, key=lambda launch: launch[0].round)


def numbered(line: Round, resumed: int) -> Round:
    """The round with how many sessions came before that it was launched in, where some did."""
    return msgspec.structs.replace(line, conditions={**line.conditions, RESUMED: resumed}) if resumed else line


def resumed(launches: Sequence[Launch]) -> int:
    """How many sessions came before the last one that made any of them."""
    told = (line.conditions.get(RESUMED) for launch in launches for line in launch)
    return max((each for each in told if type(each) is int and each > 0), default=0)


def mark(contest: Contest) -> str:
    """What in a launch's name tells its contest: both cases, since a contender or an update may be what differs."""
    return "-".join([case_id(contest.base.case), case_id(contest.head.case), *filter(None, [contest.key])])
