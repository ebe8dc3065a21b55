"""The lock of the machine for verbs that measure."""

import contextlib
import sys

from embbench.cli.output import say
from embbench.launch.interrupts import Interrupts
from embbench.launch.machine_lock import alone
from embbench.plain import shell_line


def by_itself(wait: bool, interrupts: Interrupts | None = None) -> contextlib.AbstractContextManager[None]:
    """Locks the machine for this command, with a line on stderr while it waits. Raises UsageError; see `alone`."""
    return alone(shell_line(["embbench", *sys.argv[1:]]), say, wait, interrupts)
