"""Every lie and every honest program, on the NumPy contender and the virtual clock: what the audit says of each."""

import re

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.lies import wrapping
from embbench.store.exchange import Request
from embbench.worker.recorder import Recorder
from embbench.worker.round import do_round
from tests.fakes import virtual
from tests.fakes.clock import CLOCK
from tests.fakes.liars import HONEST, LIES

# Lies of several ranks are tried in real processes: tests/contenders/test_ranks_together.py.
OF_ONE_PROCESS = {name: lie for name, lie in LIES.items() if "ranks" not in lie.axes}
SMALL = {"tokens": "zipf:1", "vocab": 2000, "dim": 8, "hidden": 8, "batch": 4, "seq": 6, "threads": 1}


@pytest.fixture
def audited(tmp_path, monkeypatch):
    """The round of the NumPy contender with a plant in it."""
    monkeypatch.setattr(wrapping, "wait", CLOCK.advance)
    path = tmp_path / "virtual.py"
    path.write_text(virtual.FILE)

    def run(plant):
        request = Request(
            run="r",
            suite="s",
            case=make_case({**SMALL, "contender": "virtual", **plant.axes}),
            round=0,
            protocol=Protocol(budget=0.06, warmup=0.01, block=0.0025),
            contender=str(path),
            planted=plant.name,
        )
        return do_round(Recorder(request, lambda phase: None, CLOCK))

    return run


def test_there_are_enough_of_both():
    assert len(LIES) >= 30
    assert len(HONEST) >= 30


@pytest.mark.parametrize("plant", OF_ONE_PROCESS.values(), ids=OF_ONE_PROCESS)
def test_every_lie_is_caught_or_told(audited, plant):
    round_ = audited(plant)
    told = {warning.code for warning in round_.warnings}
    if round_.status == "ok" and plant.told:
        assert plant.told in told
        return
    assert round_.status == "invalid", round_.reason
    assert re.search(plant.caught, round_.reason)


@pytest.mark.parametrize("plant", HONEST.values(), ids=HONEST)
def test_no_honest_program_is_refused(audited, plant):
    round_ = audited(plant)
    if plant.axes.get("update") == "fused":  # which NumPy has not
        assert round_.status == "unsupported"
    else:
        assert (round_.status, round_.reason) == ("ok", None)
        assert "cheaper-unwatched" not in {warning.code for warning in round_.warnings}
