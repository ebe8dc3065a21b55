"""Sides of a launch that end early: they die, hang or never start; the other is whole, and nothing stays behind."""

import os
import signal
import threading

import pytest

from embbench.launch.attempt import Job
from embbench.launch.interrupts import Interrupts
from tests.launch.real_sides import HONEST, launched, wait_until

DYING = "def prepare(case, tokens): os.kill(os.getpid(), 9)\n"
DYING_LATER = """
class Dying(FakeTrial):
    def step(self):
        if self.steps == 8: os.kill(os.getpid(), 9)
        super().step()
def prepare(case, tokens): return Dying(case, tokens)
"""


@pytest.mark.parametrize("body", [DYING, DYING_LATER])
def test_one_side_that_dies_leaves_the_other_whole(side, body):
    base, head = launched(side(HONEST, "base"), side(body, "head"))
    assert (base.status, head.status) == ("ok", "crash")
    assert "SIGKILL" in head.reason
    assert len(base.metrics["step_time"].values) >= 2


def test_a_side_that_cannot_be_started(side):
    other = side(HONEST, "head")
    broken = Job(other.request, ("/no/such/program",), other.origin)
    base, head = launched(side(HONEST, "base"), broken)
    assert (base.status, head.status) == ("ok", "crash")
    assert head.reason.startswith("could not be started: /no/such/program")


HANGING = """
import signal
def prepare(case, tokens):
    open(os.path.join(HERE, "pid"), "w").write(str(os.getpid()))
    signal.pause()
"""


def test_a_side_that_hangs_times_out_and_nothing_stays_behind(side, tmp_path):
    base, head = launched(side(HONEST, "base"), side(HANGING, "head"), timeout=8.0)
    assert head.status == "timeout"
    assert base.status in ("timeout", "ok")
    pid = int((tmp_path / "head" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.fixture
def heeded():
    """SIGINT as in a foreground job: the shell has those in the background ignore it, and what is ignored stays so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_ctrl_c_ends_both(side, tmp_path):
    def strike():
        path = tmp_path / "head" / "pid"
        wait_until(lambda: path.exists() and path.read_text())
        os.kill(os.getpid(), signal.SIGINT)

    with Interrupts() as interrupts:
        threading.Thread(target=strike, daemon=True).start()
        base, head = launched(side(HONEST, "base"), side(HANGING, "head"), interrupts)
    assert (base.status, head.status) == ("interrupted", "interrupted")
    assert head.reason.startswith("SIGINT")
