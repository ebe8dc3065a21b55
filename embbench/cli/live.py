"""The live line on a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from embbench.cases.case import case_id
from embbench.cli.progress import StepTimes, beginning, result, time_left
from embbench.cli.so_far import SoFar
from embbench.launch.runner import Visit
from embbench.plain import one_line
from embbench.store.round import Round


class LiveProgress:
    """The tables so far, and a line for the running round, redrawn at its phases. Finished rounds scroll away above.

    Entering 'measure' redraws nothing, because the samples begin: 'measuring' shows from the warm-up on.
    """

    def __init__(self, times: StepTimes, console: Console, so_far: SoFar | None = None) -> None:
        self._times = times
        self._console = console
        self._so_far = so_far
        self._tables: list[Text] = []
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._visit: Visit | None = None

    def __enter__(self) -> Self:
        self._live.start()
        self._lay_out()
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
        self._live.update(Group(*self._tables, line), refresh=True)

    def end(self, round_: Round) -> None:
        self._times.add(round_)
        if round_.status == "ok":
            number = f" · round {round_.round + 1}"
            self._print(f"{self._times.name(round_)}{number} · {result(round_, self._times)}", "")
        else:
            self._print(result(round_, self._times), "yellow")
        if self._so_far is not None:
            self._so_far.add(round_)
            self._lay_out()
            self._live.update(Group(*self._tables), refresh=True)

    def note(self, text: str) -> None:
        self._print(text, "yellow")

    def _lay_out(self) -> None:
        """Draws the tables above the live line, between rounds, when no worker measures."""
        if self._so_far is not None:
            self._tables = self._so_far.tables(self._console.width - 1, self._console.height - 2)

    def _print(self, text: str, style: str) -> None:
        self._console.print(Text(one_line(text), style=style))
