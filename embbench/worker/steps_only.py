"""A trial that only steps: it is timed, and its arithmetic is not checked."""

from typing import Any, cast

from embbench.cases.contender import Trial
from embbench.store.round import UNPROVEN
from embbench.worker.note import Note, warned

SHOWN = ("loss", "read_rows", "write_rows")  # the oracle can check nothing unless a trial has all of them


def missing(trial: Any, shown: tuple[str, ...] = SHOWN) -> tuple[str, ...]:
    """Names of `shown` that the trial lacks. Uses attributes: `isinstance` of a protocol misses names behind
    `__getattr__`.
    """
    return tuple(name for name in shown if not callable(getattr(trial, name, None)))


def unproven(lacking: tuple[str, ...]) -> Note:
    """The warning that the oracle can check nothing of the trial. lacking: see `missing`."""
    text = f"this contender has no {', '.join(lacking)}: its steps are timed, but nothing proves that they do the work"
    return warned(UNPROVEN, text)


def complete(trial: Any) -> Trial:
    """The trial with all methods that the phases of a round call."""
    return cast(Trial, StepsOnly(trial) if missing(trial) else trial)


class StepsOnly:
    """A trial without rows or loss, completed by the other methods that every trial needs."""

    def __init__(self, trial: Any) -> None:
        self._trial = trial

    def memory(self) -> dict[str, int]:
        return self._trial.memory() if hasattr(self._trial, "memory") else {}

    def describe(self) -> dict[str, Any]:
        return self._trial.describe() if hasattr(self._trial, "describe") else {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trial, name)
