"""The progress of submitted jobs on stderr: a line per change in a log, a line that is redrawn on a terminal."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from embbench.launch.shard_state import ShardState, last_line
from embbench.plain import one_line, screened

if TYPE_CHECKING:
    from rich.live import Live


class SubmissionProgress:
    """Jobs by place, and rounds so far. A job that ended too early is told once, with the last line of its log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live: Live | None = None
        self._last = ""
        self._told: set[Any] = set()

    def __enter__(self) -> Self:
        if self._stream.isatty():
            from rich.console import Console
            from rich.live import Live

            console = Console(file=self._stream)
            if not console.is_dumb_terminal:
                self._live = Live(
                    console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
                )
                self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, states: Sequence[ShardState], final: bool = False) -> None:
        """Shows what changed since the last call. final: whether all jobs have ended; a job without an exit code is
        told only then, since its last files may come later than its end.
        """
        for state in states:
            if state.failed and state.job not in self._told and (final or state.code is not None):
                self._told.add(state.job)
                self._say(failure_of(state))
        line = summary(states)
        if line == self._last:
            return
        self._last = line
        if self._live is None:
            self._say(line)
        else:
            from rich.text import Text

            self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)

    def note(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str) -> None:
        if self._live is None:
            print(screened(one_line(text)), file=self._stream, flush=True)
        else:
            from rich.text import Text

            self._live.console.print(Text(one_line(text)))


def summary(states: Sequence[ShardState]) -> str:
    """'jobs: 2 queued, 3 running, 3 ended · 12 of 40 rounds'."""
    places = {"queued": 0, "running": 0, "ended": 0}
    for state in states:
        places[state.place or "ended"] += 1
    jobs = ", ".join(f"{count} {place}" for place, count in places.items() if count)
    done, total = sum(state.done for state in states), sum(state.total for state in states)
    return f"jobs: {jobs} · {done}{f' of {total}' if total else ''} rounds"


def failure_of(state: ShardState) -> str:
    """'job 12_2 of part 3/8 ended early, with exit code 2: <last line of stderr>; log: FILE'."""
    assert state.job is not None
    ended = "ended early" if state.code is None else f"ended early, with exit code {state.code}"
    last = last_line(Path(state.job.log))
    said = f": {last}" if last else ""
    return f"job {state.job.id} of part {state.shard.number}/{state.shard.parts} {ended}{said}; log: {state.job.log}"
