"""From the flags of `ab` to its contests. Everything a user can get wrong is said here, before anything is measured."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench.ab.sides import Contest, Party, contests, foreign_party, local_party
from embbench.cli.flags import Flags
from embbench.cli.planning import make_work
from embbench.contenders import HERE as BUILT_IN
from embbench.errors import UsageError
from embbench.launch.attempt import WORKER
from embbench.launch.inventory import take_inventory
from embbench.launch.runner import Work
from embbench.spec.suite import Suite, View

# One case, the default of every axis: a suite is measured only where it is named.
ONE_CASE = Suite("ab", "Base against head.", ({},), {}, View())


class SideFlags(msgspec.Struct, frozen=True):
    """What makes one side: of `side` 'base' or 'head'. None: as the other flags say."""

    side: str
    python: str | None = None
    contender: str | None = None
    update: str | None = None
    runtime: str | None = None

    def __str__(self) -> str:
        told = (self.python, self.contender, self.update, self.runtime)
        return " ".join([self.side, *(value for value in told if value is not None)])


def make_contests(flags: Flags, base: SideFlags, head: SideFlags, force: bool) -> tuple[list[Contest], Work]:
    """The contests, and the Work of the base for its protocol and suite. Raises UsageError."""
    if msgspec.structs.replace(base, side="") == msgspec.structs.replace(head, side=""):
        raise UsageError(
            "base and head are the same: name what differs, such as --head-update fused, --head-contender ./after.py "
            "or --base-python .venv-old/bin/python"
        )
    works = [_work(flags, difference, force) for difference in (base, head)]
    parties = [_parties(work, difference) for work, difference in zip(works, (base, head), strict=True)]
    return contests(*parties), works[0]


def _work(flags: Flags, difference: SideFlags, force: bool) -> Work:
    told = dict(flags)
    for axis in ("contender", "update", "runtime"):
        value = getattr(difference, axis)
        if value is None:
            continue
        if flags[axis]:
            raise UsageError(f"--{axis} and --{difference.side}-{axis} exclude each other")
        if "," in value:
            raise UsageError(f"--{difference.side}-{axis}: one {axis} a side, not {value}")
        told[axis] = [value]
    return make_work({**told, "within": None, "rounds": None, "budget": None}, force, ONE_CASE)[0]


def _parties(work: Work, difference: SideFlags) -> Sequence[Party]:
    cases, sources = work.plan.cases, work.plan.sources
    if difference.python is None:
        return [local_party(case, work.contenders[case.contender], WORKER, sources.get(case.tokens)) for case in cases]
    flag = f"--{difference.side}-python"
    files = [contender.path for contender in work.contenders.values() if Path(contender.path).parent != BUILT_IN]
    inventory = take_inventory(difference.python, files, flag)
    return [foreign_party(case, difference.python, inventory, flag, sources.get(case.tokens)) for case in cases]
