"""The choice of a progress display: a live line on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from embbench.cli.progress import PlainProgress, StepTimes
from embbench.launch.runner import Observer
from embbench.store.round import Round

if TYPE_CHECKING:
    from embbench.cli.so_far import SoFar


class Progress(Observer, Protocol):
    """An observer with a beginning and an end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def make_progress(
    earlier: Iterable[Round],
    also: Sequence[str] = (),
    stream: TextIO | None = None,
    so_far: "SoFar | None" = None,
) -> Progress:
    """A live line on a terminal, plain lines elsewhere.

    earlier: rounds that the journal holds already. also: further axes in the names of cases. so_far: the numbers so
    far, shown besides the rounds.
    """
    stream = stream or sys.stderr
    if stream.isatty():
        from rich.console import Console

        console = Console(file=stream)
        if not console.is_dumb_terminal:
            from embbench.cli.live import LiveProgress

            return LiveProgress(StepTimes(earlier, also), console, so_far)
    return PlainProgress(StepTimes(earlier, also), stream, so_far)
