"""From the flags of `ab` to its contests. All errors of the user are raised here, before anything is measured."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench.ab.sides import Contest, Party, contests, foreign_party, local_party
from embbench.cases.suite import Suite, View
from embbench.cli.flags import Flags
from embbench.cli.planning import make_work
from embbench.contenders import HERE as BUILT_IN
from embbench.errors import UsageError
from embbench.launch.attempt import WORKER
from embbench.launch.inventory import take_inventory
from embbench.launch.runner import Work

# A single case with the default of every axis, unless the user names a suite.
ONE_CASE = Suite("ab", "Base against head.", ({},), {}, View())


class SideFlags(msgspec.Struct, frozen=True):
    """The flags of a side. side: 'base' or 'head'. None: the value of the flags for both sides."""

    side: str
    python: str | None = None
    contender: str | None = None
    update: str | None = None
    runtime: str | None = None

    def __str__(self) -> str:
        values = (self.python, self.contender, self.update, self.runtime)
        return " ".join([self.side, *(value for value in values if value is not None)])


def make_contests(flags: Flags, base: SideFlags, head: SideFlags, force: bool) -> tuple[list[Contest], Work]:
    """The contests, and the Work of the base for its protocol and suite. Raises UsageError."""
    if msgspec.structs.replace(base, side="") == msgspec.structs.replace(head, side=""):
        raise UsageError(
            "base and head are the same: name a difference, such as --head-update fused, --head-contender ./after.py "
            "or --base-python .venv-old/bin/python"
        )
    works = [_work(flags, difference, force) for difference in (base, head)]
    if any(case.ranks > 1 for work in works for case in work.plan.cases):
        raise UsageError("--ranks: a side is a single process here; `embbench run` compares cases with several ranks")
    parties = [_parties(work, difference) for work, difference in zip(works, (base, head), strict=True)]
    return contests(*parties), works[0]


def _work(flags: Flags, difference: SideFlags, force: bool) -> Work:
    of_side = dict(flags)
    for axis in ("contender", "update", "runtime"):
        value = getattr(difference, axis)
        if value is None:
            continue
        if flags[axis]:
            raise UsageError(f"--{axis} and --{difference.side}-{axis} cannot be combined; leave one out")
        if "," in value:
            raise UsageError(f"--{difference.side}-{axis}: give a single {axis} per side, not {value}")
        of_side[axis] = [value]
    return make_work({**of_side, "within": None, "rounds": None, "budget": None}, force, ONE_CASE)[0]


def _parties(work: Work, difference: SideFlags) -> Sequence[Party]:
    cases, sources = work.plan.cases, work.plan.sources
    if difference.python is None:
        return [local_party(case, work.contenders[case.contender], WORKER, sources.get(case.tokens)) for case in cases]
    flag = f"--{difference.side}-python"
    files = [contender.path for contender in work.contenders.values() if Path(contender.path).parent != BUILT_IN]
    environment = take_inventory(difference.python, files, flag)
    return [foreign_party(case, environment, flag, sources.get(case.tokens)) for case in cases]
