"""The command line, in this process or in its own, with the stub worker of `launch`'s tests as its worker."""

import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from small_runs import STUB

from embbench.ab import session
from embbench.cli import main
from embbench.launch import executor, machine_lock
from embbench.store.ceilings import Find, save_ceilings
from embbench.store.round import encode
from tests import made_up

DRIVER = """
import sys
from pathlib import Path
from embbench.launch import executor, machine_lock
executor.WORKER = (sys.executable, *sys.argv[1].split("|"))
machine_lock.LOCK = Path(sys.argv[2])
from embbench.cli import main
sys.argv[1:] = sys.argv[3:]
sys.exit(main(sys.argv[1:]))
"""


class Process(subprocess.Popen):
    """A test that fails waits for no process: its worker may stand at a gate."""

    def __exit__(self, kind: type[BaseException] | None, *more: object) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, *more)


@pytest.fixture(autouse=True)
def short_launches(monkeypatch) -> None:
    """A launch takes four seconds so that its ratio is precise. Tests of commands need no precise ratio."""
    monkeypatch.setitem(session.TURNS, "budget", 0.5)


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys) -> Callable[..., SimpleNamespace]:
    """Runs `embbench ...` here, in an empty directory: code, out, err."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(executor, "WORKER", (sys.executable, STUB))
    monkeypatch.setenv("COLUMNS", "100")

    def go(*arguments: str) -> SimpleNamespace:
        code = main(arguments)
        return SimpleNamespace(code=code, **capsys.readouterr()._asdict())

    return go


@pytest.fixture
def start(tmp_path, own_lock) -> Callable[..., subprocess.Popen]:
    """Starts `embbench ...` as a process, its worker being the stub with `fault`."""

    def go(*arguments: str, fault: str = "fine", **options) -> subprocess.Popen:
        command = [sys.executable, "-c", DRIVER, f"{STUB}|{fault}", str(machine_lock.LOCK), *arguments]
        return Process(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    return go


@pytest.fixture
def real(tmp_path, monkeypatch, capsys):
    """`embbench ...` with real workers, in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        """(exit code, stdout, stderr)"""
        return main(arguments), *capsys.readouterr()

    return run


@pytest.fixture
def saved(tmp_path):
    """A file of the made-up sweep, beside the ceilings of its machine."""
    path = tmp_path / "sweep.jsonl"
    path.write_bytes(b"".join(map(encode, made_up.sweep())))
    save_ceilings(made_up.ceilings(), Find("0a1b2c3d", "cpu", 2, tmp_path / "results" / "ceilings"))
    return str(path)
