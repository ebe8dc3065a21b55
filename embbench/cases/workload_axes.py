"""The axes of workloads, from literals of their files: AXES, the axes that they add; UNUSED, common axes that they do
not have; TABLES, their kinds of table; TOKENS, their kinds of token stream; SHOWN, the methods by which a trial shows
what is held to claims; NETWORK, the workload that has the same network.
"""

from typing import NamedTuple

from embbench.cases.workload_files import raw_literals, read_literals


class WorkloadAxis(NamedTuple):
    """An axis of whole numbers or of text. default: also the meaning of lines that are older than the axis. help: of
    its flag. unit: name of one unit of a size that a step may grow with, such as 'hidden unit'; '' for an axis that is
    no size. Audits use a small size. training: the value in the small training task; None: the case's own value.
    choices: the values of an axis of text; () for an axis of numbers. least: the smallest number. table, tokens: the
    only kind of table or token stream that has the axis; '' for all.
    """

    default: int | str
    help: str
    unit: str = ""
    training: int | None = None
    choices: tuple[str, ...] = ()
    least: int = 1
    table: str = ""
    tokens: str = ""


AXES_OF = read_literals("AXES", "axis", WorkloadAxis)
WORKLOAD_AXES = {name: axis for axes in AXES_OF.values() for name, axis in axes.items()}

# Workload -> its literal.
UNUSED_OF: dict[str, tuple[str, ...]] = {name: axes or () for name, axes in raw_literals("UNUSED").items()}
TABLES_OF: dict[str, tuple[str, ...] | None] = raw_literals("TABLES")  # None for all kinds but 'none'
TOKENS_OF: dict[str, tuple[str, ...] | None] = raw_literals("TOKENS")  # None for all kinds
NETWORK_OF: dict[str, str] = {name: same or name for name, same in raw_literals("NETWORK").items()}
CLAIMED = frozenset(name for name, shown in raw_literals("SHOWN").items() if shown)
