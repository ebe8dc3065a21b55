"""Rounds in this process, on the virtual clock, with the fake contender or another in its place."""

import functools
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.cases.sources import Source
from embbench.cases.streams import word_weights
from embbench.host.code import Distribution, distributions, installed_places
from embbench.store.exchange import Request
from embbench.store.round import Round
from embbench.worker.recorder import Recorder
from embbench.worker.round import do_round
from tests.fakes import asynchronous, fake, halves, idlers, tabled
from tests.fakes.clock import CLOCK
from tests.worker.loading import DECLARES, SCRIPT

SMALL = {"contender": "fake", "vocab": 500, "dim": 8, "hidden": 8, "batch": 4, "seq": 6, "threads": 1}

WORDS = functools.cache(word_weights)


@functools.cache
def _installed(_places: tuple[str, ...]) -> list[Distribution]:
    return distributions()


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that makes hundreds of rounds reads the words and the installed distributions once, and leaves out the
    thousands of modules of the tests: they take a round on the virtual clock more time than its steps.
    """
    monkeypatch.setattr("embbench.worker.imports._before", set(sys.modules))
    monkeypatch.setattr("embbench.cases.streams.word_weights", WORDS)
    monkeypatch.setattr("embbench.worker.loaded_code.distributions", lambda: _installed(tuple(installed_places())))


@pytest.fixture
def contender_file(tmp_path: Path) -> Callable[[str], Path]:
    """A contender file whose trial is the named class of `tests.fakes`: of `fake`, `halves`, `tabled`,
    `idlers`, `asynchronous` or `liars`.
    """

    def write(trial: str) -> Path:
        rooms = {"fake": fake, "halves": halves, "tabled": tabled, "idlers": idlers, "asynchronous": asynchronous}
        module = next((name for name, room in rooms.items() if hasattr(room, trial)), "liars")
        path = tmp_path / "fake.py"
        path.write_text(
            f"from tests.fakes.{module} import {trial}\nDECLARES = {fake.DECLARES!r}\n"
            f"def prepare(case, tokens):\n    return {trial}(case, tokens)\n"
        )
        return path

    return write


@pytest.fixture
def run_round(contender_file: Callable[[str], Path]) -> Callable[..., Round]:
    def run(
        trial: str = "FakeTrial", protocol: Protocol | None = None, source: Source | None = None, **axes: Any
    ) -> Round:
        request = Request(
            run="r",
            suite="s",
            case=make_case({**SMALL, **axes}),
            round=0,
            protocol=protocol or Protocol(budget=0.06, warmup=0.01, block=0.0025),  # few steps: each takes NumPy time
            contender=str(contender_file(trial)),
            source=source,
        )
        return do_round(Recorder(request, lambda phase: None, CLOCK))

    return run


@pytest.fixture
def load(tmp_path):
    """Loads a contender with this body as a worker does, in a process of its own."""

    def go(body: str, name: str = "mine.py", **environment: str) -> SimpleNamespace:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DECLARES + textwrap.dedent(body))
        ran = subprocess.run(
            [sys.executable, "-P", "-c", SCRIPT, str(path)],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            cwd=tmp_path,
        )
        assert ran.returncode == 0, ran.stderr
        found, shadowed, told = json.loads(ran.stdout)
        code = {name: (each["path"], each["digest"]) for name, each in found["code"].items()}
        return SimpleNamespace(code=code, packages=found["packages"], shadowed=shadowed, told=told)

    return go
