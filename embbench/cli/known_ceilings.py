"""The ceilings of this machine, which are measured where they are not known."""

from typing import TYPE_CHECKING

from embbench.cli.output import say

if TYPE_CHECKING:
    from embbench.launch.inventory import PythonEnvironment
    from embbench.store.ceilings import Ceilings


def known_ceilings(
    device: str, threads: int, wait: bool, environment: "PythonEnvironment | None" = None
) -> "Ceilings | None":
    """The saved ceilings, or ceilings measured now. wait: for another embbench here. environment: that measures, if not
    this process's own. None, and why, where they cannot be measured: then only the floor is missing.
    """
    import contextlib

    from embbench.cli.machine_lock import by_itself
    from embbench.errors import NothingMeasured
    from embbench.host.machine import machine_facts
    from embbench.launch.ceilings import ceilings_of
    from embbench.store.ceilings import Find
    from embbench.store.machine import name_of

    find = Find(name_of(machine_facts()), device, threads)
    known = find.path.exists()
    with contextlib.nullcontext() if known else by_itself(wait):
        if not known:
            say("measuring the memory speed of this machine takes about 15 s")
        try:
            return ceilings_of(find, environment=environment)
        except NothingMeasured as error:
            say(str(error))
            return None
