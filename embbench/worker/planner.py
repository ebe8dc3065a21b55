"""Asks a framework's own planner of ranks about cases, in a process of its own: `python -m embbench.worker.planner FILE
MEMORY LINK CASE...` prints an `AskedPlanner` for each case, as a line of JSON.

FILE is the contender's. MEMORY and LINK are bytes per second, CASE is JSON.
"""

import contextlib
import sys
from pathlib import Path
from typing import cast

import msgspec

from embbench import wire
from embbench.cases.case import Case
from embbench.cases.contender import PlanningModule, Skip
from embbench.contenders import load, read
from embbench.store.exchange import AskedPlanner


def main() -> None:
    path, memory, link, *cases = sys.argv[1:]
    module = cast(PlanningModule, load(read(Path(path))))
    answers = [_answer(module, msgspec.json.decode(each, type=Case), float(memory), float(link)) for each in cases]
    sys.stdout.buffer.write(wire.encode(answers) + b"\n")


def _answer(module: PlanningModule, case: Case, memory: float, link: float) -> AskedPlanner:
    with contextlib.redirect_stdout(sys.stderr):  # planners print
        try:
            return AskedPlanner(module.planned(case, memory, link))
        except Skip as error:
            return AskedPlanner(None, str(error))


if __name__ == "__main__":
    main()
