"""The progress of a run on stderr, redrawn only between a worker's messages: no thread, no spinner.

Code of the parent that runs while a worker measures would be measured too.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from embbench.cases.case import label
from embbench.cases.units import format_quantity, rough_duration
from embbench.launch.runner import Visit
from embbench.plain import one_line, screened
from embbench.store.round import Round

if TYPE_CHECKING:
    from embbench.cli.so_far import SoFar

EVERY = 60.0  # seconds between two lines of a log with the numbers so far


class StepTimes:
    """The running estimate of every case's step time: the median of the rounds' medians."""

    def __init__(self, earlier: Iterable[Round], also: Sequence[str] = ()) -> None:
        self._also = also
        self._medians: dict[str, list[float]] = {}
        for round_ in earlier:
            self.add(round_)

    def add(self, round_: Round) -> None:
        values = round_.metrics.get("step_time")
        if round_.status == "ok" and values is not None and values.values:
            self._medians.setdefault(round_.case_id, []).append(statistics.median(values.values))

    def name(self, round_: Round) -> str:
        """The name of a round's case in its plan."""
        return label(round_.case, self._also)

    def text(self, case: str) -> str:
        """'step 12.3 ms' so far; '' before the case's first round. case: its id."""
        medians = self._medians.get(case)
        return f"step {format_quantity(statistics.median(medians), 's')}" if medians else ""


class PlainProgress:
    """Two lines per round: its beginning and its result. Between rounds, at most every EVERY seconds, a line with the
    numbers so far.
    """

    def __init__(
        self,
        times: StepTimes,
        stream: TextIO,
        so_far: "SoFar | None" = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._times = times
        self._stream = stream
        self._so_far = so_far
        self._clock = clock
        self._last = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.flush()

    def begin(self, visit: Visit) -> None:
        if self._so_far is not None and self._clock() - self._last >= EVERY:
            self._last = self._clock()
            if line := self._so_far.line():
                self._say(f"so far {line}; {rough_duration(visit.seconds_left)} left")
        self._say(f"{beginning(visit)} · {time_left(visit.seconds_left)}")

    def phase(self, name: str) -> None:
        """Not shown: a log of phases would be longer than the results."""

    def end(self, round_: Round) -> None:
        self._times.add(round_)
        if self._so_far is not None:
            self._so_far.add(round_)
        self._say(f"  {result(round_, self._times)}")

    def note(self, text: str) -> None:
        self._say(f"  {text}")

    def _say(self, text: str) -> None:
        print(screened(text), file=self._stream, flush=True)


def beginning(visit: Visit) -> str:
    """'[3/12] pytorch frozen adam vocab=2M · round 1/3'; '[3] … · round 1' where the total is unknown."""
    total = f"/{visit.total}" if visit.total else ""
    rounds = f"/{visit.rounds}" if visit.rounds else ""
    return f"[{visit.number}{total}] {visit.name} · round {visit.round + 1}{rounds}"


def result(round_: Round, times: StepTimes) -> str:
    """'step 12.3 ms', or the case with its status and reason."""
    if round_.status == "ok":
        return times.text(round_.case_id) or "ok"
    reason = f": {one_line(round_.reason)}" if round_.reason else ""
    return f"{times.name(round_)}: {round_.status}{reason}"


def time_left(seconds: float) -> str:
    """'about 40 s left'."""
    return f"about {rough_duration(seconds)} left"
