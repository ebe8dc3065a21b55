"""Ceilings are measured once, by a process, and found again."""

import sys

import msgspec
import pytest

from embbench.errors import NothingMeasured
from embbench.launch import ceilings
from embbench.store.ceilings import Find, load_ceilings
from tests import made_up


@pytest.fixture
def worker(monkeypatch, tmp_path):
    """Has a process that runs `code` in place of the worker; it counts its starts in a file."""

    def use(code):
        counted = f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); {code}"
        monkeypatch.setattr(ceilings, "COMMAND", (sys.executable, "-c", counted))

    return use


def find(directory):
    return Find("0a1b2c3d", "cpu", 2, directory)


def test_they_are_measured_once_and_anew_where_asked(worker, tmp_path):
    worker(f"print({msgspec.json.encode(made_up.ceilings()).decode()!r})")
    first = ceilings.ceilings_of(find(tmp_path))
    assert first == ceilings.ceilings_of(find(tmp_path)) == load_ceilings(find(tmp_path)) == made_up.ceilings()
    assert (tmp_path / "starts").read_text() == "x"
    ceilings.ceilings_of(find(tmp_path), anew=True)
    assert (tmp_path / "starts").read_text() == "xx"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; sys.exit('embbench: no CUDA device')", "ceilings of cpu: no CUDA device"),
        ("import os; os._exit(7)", "ended with exit code 7"),
        ("print('[]')", "ended with exit code 0"),
    ],
)
def test_a_worker_that_cannot_says_why_and_nothing_is_kept(worker, tmp_path, code, told):
    worker(code)
    with pytest.raises(NothingMeasured, match=told):
        ceilings.ceilings_of(find(tmp_path))
    assert load_ceilings(find(tmp_path)) is None


def test_a_worker_that_never_answers_is_ended(worker, monkeypatch, tmp_path):
    monkeypatch.setattr(ceilings, "LONGEST", 0.5)
    worker("import signal; signal.pause()")
    with pytest.raises(NothingMeasured, match="no answer within"):
        ceilings.measure_ceilings("cpu", 2)
