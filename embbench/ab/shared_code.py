"""Code that both sides of a comparison load: a change in such code cannot be detected."""

import os
from collections.abc import Iterable
from pathlib import Path

from embbench.ab.decision import Launch
from embbench.ab.sides import Contest, Party
from embbench.host.code import is_under
from embbench.launch.origin import folder
from embbench.store.round import Round


def shared_code(contest: Contest, launches: Iterable[Launch]) -> tuple[str, ...]:
    """A sentence for each file that both sides loaded and that lies outside the folder of a side's own contender. Also
    for contenders that are one file with two names. () if the sides share contender and Python: then the comparison is
    about something else.
    """
    base, head = contest.base, contest.head
    paths = (base.contender.path, head.contender.path)
    if paths[0] == paths[1] and base.command == head.command:
        return ()
    sides = list(zip(*launches, strict=True)) or [(), ()]
    both = set.intersection(*(_files(party, lines) for party, lines in zip((base, head), sides, strict=True)))
    own = [os.path.realpath(folder(party.contender)) for party in (base, head)]
    found = sorted(path for path in both if not all(is_under(path, each) for each in own))
    if paths[0] != paths[1] and len(files := {os.path.realpath(each) for each in paths}) == 1:
        found += files  # one file is a link to the other
    return tuple(f"base and head both load {path}: a change in that file cannot be detected" for path in found)


def _files(party: Party, lines: Iterable[Round]) -> set[str]:
    place = Path(folder(party.contender))
    return {os.path.realpath(place / code.path) for line in lines for code in line.loaded.code.values()}
