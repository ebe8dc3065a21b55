"""The live line on a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from embbench.cli.progress import StepTimes, beginning, result, time_left
from embbench.launch.runner import Visit
from embbench.plain import one_line
from embbench.spec.case import case_id
from embbench.store.round import Round


class LiveProgress:
    """One line for the round that runs, redrawn at its phases; finished rounds scroll away above it.

    Entering 'measure' redraws nothing, since the first samples are being taken: 'measuring' shows from the warm-up on.
    """

    def __init__(self, times: StepTimes, console: Console) -> None:
        self._times = times
        self._console = console
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._visit: Visit | None = None

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.update(Text(""), refresh=True)
        self._live.stop()

    def begin(self, visit: Visit) -> None:
        self._visit = visit
        self.phase("start")

    def phase(self, name: str) -> None:
        visit = self._visit
        if visit is None or name == "measure":
            return
        so_far = self._times.text(case_id(visit.case))
        shown = "measuring" if name == "warm-up" else name
        parts = [beginning(visit), shown, f"{so_far} so far" if so_far else "", time_left(visit.seconds_left)]
        line = Text(one_line(" · ".join(part for part in parts if part)), no_wrap=True, overflow="ellipsis")
        self._live.update(line, refresh=True)

    def end(self, round_: Round) -> None:
        self._times.add(round_)
        if round_.status == "ok":
            number = f" · round {round_.round + 1}"
            self._print(f"{self._times.name(round_)}{number} · {result(round_, self._times)}", "")
        else:
            self._print(result(round_, self._times), "yellow")

    def note(self, text: str) -> None:
        self._print(text, "yellow")

    def _print(self, text: str, style: str) -> None:
        self._console.print(Text(one_line(text), style=style))
