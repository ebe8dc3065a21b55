"""A session of made-up launches."""

import pytest

from embbench.ab.deciding import carry_out
from embbench.ab.session import Session
from embbench.ab.sides import contests, local_party
from embbench.analysis.compare.evidence import CompareOptions
from embbench.cases.case import make_case
from embbench.cases.protocol import PRESETS
from embbench.host.machine import machine_facts
from embbench.store.journal import Journal
from tests.ab.launchers import NUMPY, PLENTY, Clock, Launcher, Notes


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def play(tmp_path, clock):
    def go(launcher, budget=200.0, room=PLENTY, stopped=lambda: False, vocabs=(1000,)):
        """(outcome, observer)"""
        parties = [
            [local_party(make_case({"contender": "numpy", "update": update, "vocab": vocab, "threads": 1}), NUMPY, ())
             for vocab in vocabs]
            for update in ("default", "sparse")
        ]  # fmt: skip
        options = CompareOptions({"step_time": 0.05}, frozenset({"class"}))
        session = Session("run", tuple(contests(*parties)), PRESETS["quick"], options, budget, machine_facts(), room)
        notes, apart = Notes(), Launcher(clock, launcher.ratio)
        with Journal(tmp_path / "base.jsonl") as base, Journal(tmp_path / "head.jsonl") as head:
            outcome = carry_out(session, (base, head), launcher, apart, notes, stopped, clock)
        notes.apart = apart.asked
        return outcome, notes

    return go
