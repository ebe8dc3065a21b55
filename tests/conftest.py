"""What all tests share: rounds to write and a home without anyone's results in it."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from embbench.spec.case import Case, case_id
from embbench.spec.protocol import PRESETS
from embbench.store.round import Round, Values


@pytest.fixture(autouse=True, scope="session")
def own_lock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands in this process wait for nobody else's: what tests measure is looked at by nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("embbench.launch.machine_lock.LOCK", tmp_path_factory.getbasetemp() / "embbench.lock")
        yield


@pytest.fixture(autouse=True, scope="session")
def heeds_interrupts() -> None:
    """Whatever runs the tests in the background may have them ignore Ctrl-C, and all that they start would too."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def make_round() -> Callable[..., Round]:
    """A Round with one step_time sample; any field can be given."""

    def make(case: Case | None = None, seconds: float = 0.01, **fields: Any) -> Round:
        case = case or Case()
        metrics = {"step_time": Values("s", "wall", "lower", (seconds,))}
        told = {"run": "r", "suite": "s", "round": 0, "protocol": PRESETS["quick"], "status": "ok", **fields}
        if told["status"] == "ok":
            told.setdefault("metrics", metrics)
        return Round(case_id=case_id(case), case=case, **told)

    return make
