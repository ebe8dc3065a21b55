"""A trial that only steps: it is timed, and its arithmetic is held to nothing."""

from typing import Any, cast

from embbench.spec.capabilities import Rows
from embbench.spec.contender import Trial
from embbench.worker.note import warned

UNPROVEN = warned(
    "unproven",
    "this contender has `step` and `sync` and shows no rows and no loss: its steps are timed, and nothing proves that "
    "they do the work; add `read_rows`, `write_rows` and `loss`",
)


def complete(trial: Any) -> Trial:
    """The trial, with what every phase asks of one."""
    return trial if isinstance(trial, Rows) else cast(Trial, StepsOnly(trial))


class StepsOnly:
    """A trial without rows and loss, with what is asked of every trial besides `step` and `sync`."""

    def __init__(self, trial: Any) -> None:
        self._trial = trial

    def memory(self) -> dict[str, int]:
        return self._trial.memory() if hasattr(self._trial, "memory") else {}

    def describe(self) -> dict[str, Any]:
        return self._trial.describe() if hasattr(self._trial, "describe") else {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trial, name)
