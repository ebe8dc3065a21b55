"""Shared by all tests: rounds to write, and settings that keep other runs and shells away."""

import ctypes
import functools
import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pynvml
import pytest

from embbench.cases.case import DEVICES, Case, case_id
from embbench.cases.protocol import PRESETS
from embbench.store.round import Round, Values
from tests.fakes import nvml
from tests.sharing import ALL_CPUS, COUNTS, LONG_TESTS, bind_process, by_groups, forget_the_run, shared, whole

bind_process(os.environ)  # before NumPy is loaded, which then starts no threads for other CPUs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-pairs",
        action="store_true",
        help="Audit every pair of update and optimizer of every contender, measure the whole suite `frameworks`, and "
        "run the tests of long_tests.txt; without it each update, optimizer and table once, and few frameworks.",
    )
    parser.addoption("--device", choices=DEVICES, default="cpu", help="The device on which contenders are audited.")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Sets the number of processes before xdist reads it."""
    if shared(config):
        config.option.numprocesses = 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves long tests out of a run of all tests, unless --all-pairs asks for them."""
    if config.getoption("all_pairs") or not whole(config):
        return
    long = [item for item in items if item.nodeid in LONG_TESTS]
    items[:] = [item for item in items if item.nodeid not in LONG_TESTS]
    config.hook.pytest_deselected(items=long)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return by_groups(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Runs in the process that shares out the tests: takes over the counts of a process that ran tests."""
    if counts := getattr(node, "workeroutput", {}).get("audits"):
        node.config.stash[COUNTS] = tuple(counts)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput") and COUNTS in session.config.stash:
        session.config.workeroutput["audits"] = session.config.stash[COUNTS]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if whole(config) and not config.getoption("all_pairs"):
        terminalreporter.write_line(f"{len(LONG_TESTS)} long tests left out: --all-pairs runs them")
    if COUNTS in config.stash:
        run, remembered = config.stash[COUNTS]
        terminalreporter.write_line(f"audits: {run} run, {remembered} remembered")


@pytest.fixture(autouse=True, scope="module")
def frozen_objects() -> None:
    """Rounds in this process collect garbage several times. Walking all that the tests and pytest have left each time
    would take longer than the rest of a round.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def own_lock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands in this process wait for no other embbench: nobody uses the times that tests measure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("embbench.launch.machine_lock.LOCK", tmp_path_factory.getbasetemp() / "embbench.lock")
        yield


@pytest.fixture(autouse=True, scope="session")
def own_environment() -> None:
    forget_the_run()


@pytest.fixture
def all_cpus() -> Iterator[None]:
    """For a test that needs more than one CPU."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, ALL_CPUS)
    yield
    os.sched_setaffinity(0, own)


@pytest.fixture(autouse=True, scope="session")
def heeds_interrupts() -> None:
    """A shell that runs the tests in the background may ignore Ctrl-C, and all processes of the tests would too."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def make_round() -> Callable[..., Round]:
    """Makes a Round with one step_time sample. Any field can be given."""

    def make(case: Case | None = None, seconds: float = 0.01, **fields: Any) -> Round:
        case = case or Case()
        metrics = {"step_time": Values("s", "wall", "lower", (seconds,))}
        told = {"run": "r", "suite": "s", "round": 0, "protocol": PRESETS["quick"], "status": "ok", **fields}
        if told["status"] == "ok":
            told.setdefault("metrics", metrics)
        return Round(case_id=case_id(case), case=case, **told)

    return make


@pytest.fixture(scope="session")
def nvml_folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Path]:
    """The folder of the made-up NVML; True: as drivers before 510 have it."""
    return functools.cache(lambda old: nvml.build(tmp_path_factory.mktemp("nvml"), *(["-DOLD"] if old else [])))


@pytest.fixture
def made_up_gpus(
    nvml_folders: Callable[[bool], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., None]:
    """Puts made-up GPUs behind pynvml in this process and in the processes that it starts; see `nvml.scene`."""

    def play(*gpus: dict[str, Any], old: bool = False, **more: Any) -> None:
        folder = nvml_folders(old)
        scene = tmp_path / "nvml.scene"
        scene.write_text(nvml.scene(*gpus, **more))
        monkeypatch.setenv("FAKE_NVML", str(scene))
        monkeypatch.setenv("LD_LIBRARY_PATH", str(folder))
        monkeypatch.setattr(pynvml, "nvmlLib", ctypes.CDLL(str(folder / nvml.LIBRARY)))
        monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return play
