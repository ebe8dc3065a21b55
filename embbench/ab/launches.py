"""The names of a contest's launches. The names find launches in a journal and give the hash seeds of both sides."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import msgspec

from embbench.ab.decision import Launch
from embbench.ab.sides import Contest
from embbench.cases.case import case_id
from embbench.launch.order import from_outside
from embbench.store.round import Round

RESUMED = "resumed"  # condition of a round


def hash_seed(launch: str) -> int:
    """The hash seed of a launch, from its name: both sides share the seed, and two launches of a run do not."""
    return int.from_bytes(hashlib.sha256(launch.encode()).digest()[:4])


def known_launches(contest: Contest, base: Sequence[Round], head: Sequence[Round]) -> list[Launch]:
    """The contest's launches in both journals, in order of time. A launch in which a signal from outside ended a worker
    is left out and made once more.
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
    """The round with the number of earlier sessions, if there were earlier sessions."""
    return msgspec.structs.replace(line, conditions={**line.conditions, RESUMED: resumed}) if resumed else line


def resumed(launches: Sequence[Launch]) -> int:
    """The number of sessions before the last session that made any of the launches."""
    counts = (line.conditions.get(RESUMED) for launch in launches for line in launch)
    return max((count for count in counts if type(count) is int and count > 0), default=0)


def mark(contest: Contest) -> str:
    """The part of a launch's name for its contest. It has both cases, since contender or update may differ."""
    return "-".join([case_id(contest.base.case), case_id(contest.head.case), *filter(None, [contest.key])])
