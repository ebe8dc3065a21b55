"""Shared by the profilers of XLA and TensorFlow: a directory that they write to, and events that overlap."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from embbench.cases.contender import Trial

Span = tuple[float, float]  # begin, end


def recorded(start: Callable[[str], object], stop: Callable[[], object], trial: Trial, times: int) -> bytes:
    """The XSpace message of a profiler for `times` steps. start: takes the directory."""
    with tempfile.TemporaryDirectory(prefix="embbench-profile-") as place:
        start(place)
        try:
            for _ in range(times):
                trial.step()
            trial.sync()
        finally:
            stop()
        (path,) = Path(place).rglob("*.xplane.pb")
        return path.read_bytes()


def covered(spans: Iterable[Span]) -> float:
    """How long at least one of the spans lasted: operations of a part run beside and inside each other."""
    total, until = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total
