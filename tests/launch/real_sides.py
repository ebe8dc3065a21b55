"""What tests of launches with real workers share: contenders, what the kernel says of a process, and a launch."""

import os
import sys
import time
from pathlib import Path

from embbench.launch.pair import PairExecutor

SMALL = {"vocab": 500, "dim": 8, "hidden": 8, "batch": 4, "seq": 6, "threads": 1}
WORKER = (sys.executable, "-m", "embbench.worker")  # without -P: the fake lies in this checkout
STATE = "import os\nHERE = os.path.dirname(os.path.abspath(__file__))\n"

HONEST = "def prepare(case, tokens): return FakeTrial(case, tokens)\n"


def state(pid):
    """The letter that the kernel has for what a process does: T where it is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def wait_until(holds, patience=50.0):
    """patience: seconds, of a machine on which two workers may take ten to start."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end
        os.sched_yield()  # to the workers that are waited for


def launched(one, other, interrupts=None, timeout=60.0):
    """The rounds of both sides."""
    return PairExecutor(interrupts, grace=0.2).execute(one, other, timeout, lambda phase: None)
