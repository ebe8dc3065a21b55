"""Asks a framework's own planner of ranks, in a worker."""

import sys
import tempfile
from collections.abc import Sequence

import msgspec

from embbench import wire
from embbench.cases.case import Case
from embbench.contenders import Contender, missing_packages
from embbench.launch.ask_program import ask
from embbench.launch.cause_of_death import name_exit
from embbench.launch.preflight import how_to_install
from embbench.launch.process import environment
from embbench.store.exchange import AskedPlanner
from embbench.store.outside import admit

COMMAND = (sys.executable, "-P", "-m", "embbench.worker.planner")  # -P: see `attempt.WORKER`
LONGEST = 120.0  # seconds; importing a framework takes most of it


def ask_planner(contender: Contender, cases: Sequence[Case], memory: float, link: float) -> list[AskedPlanner]:
    """The planner's answer for each case. memory, link: bytes per second, see `PlanningModule`."""
    if missing := missing_packages(contender):
        return [AskedPlanner(None, how_to_install(missing))] * len(cases)
    device, threads = cases[0].device, cases[0].threads
    told = [contender.path, repr(memory), repr(link), *(msgspec.json.encode(each).decode() for each in cases)]
    with tempfile.TemporaryDirectory(prefix="embbench-") as place:
        try:
            done = ask([*COMMAND, *told], LONGEST, environment(threads, device, place))
        except TimeoutError:
            return [AskedPlanner(None, f"no answer within {LONGEST:.0f} s")] * len(cases)
    try:
        answers = admit(wire.decode(done.answer, msgspec.json.Decoder(list[AskedPlanner])))
    except msgspec.DecodeError as error:
        why = f"{name_exit(done.code)}: {done.last_words}" if done.code else f"its answer cannot be read: {error}"
        return [AskedPlanner(None, why)] * len(cases)
    return answers
