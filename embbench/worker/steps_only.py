"""A trial that only steps: it is timed, and its arithmetic is held to nothing."""

from typing import Any, cast

from embbench.cases.contender import Trial
from embbench.store.round import UNPROVEN
from embbench.worker.note import Note, warned

SHOWN = ("loss", "read_rows", "write_rows")  # without one of which nothing can be held to the oracle


def missing(trial: Any) -> tuple[str, ...]:
    """What of SHOWN it lacks. Asked by attribute: `isinstance` of a protocol misses what `__getattr__` hands on."""
    return tuple(name for name in SHOWN if not callable(getattr(trial, name, None)))


def unproven(lacking: tuple[str, ...]) -> Note:
    """The warning that the audit has nothing to hold to the oracle."""
    text = f"this contender has no {', '.join(lacking)}: its steps are timed, and nothing proves that they do the work"
    return warned(UNPROVEN, text)


def complete(trial: Any) -> Trial:
    """The trial, with what every phase asks of one."""
    return cast(Trial, StepsOnly(trial) if missing(trial) else trial)


class StepsOnly:
    """A trial without rows or loss, with what is asked of every trial besides `step` and `sync`."""

    def __init__(self, trial: Any) -> None:
        self._trial = trial

    def memory(self) -> dict[str, int]:
        return self._trial.memory() if hasattr(self._trial, "memory") else {}

    def describe(self) -> dict[str, Any]:
        return self._trial.describe() if hasattr(self._trial, "describe") else {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trial, name)
