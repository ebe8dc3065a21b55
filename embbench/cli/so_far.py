"""The numbers of a run so far: a table on a terminal, a line in a log."""

from collections.abc import Callable, Iterable, Sequence

from rich.text import Text

from embbench.cases.case import Case, case_id
from embbench.errors import EmbbenchError
from embbench.report.table import Report
from embbench.report.writers.table_layout import TableLayout
from embbench.store.round import Round

MOST_CASES = 100  # of a table that is drawn after every round: more cases fit on no screen


class SoFar:
    """earlier: rounds that the journal holds already. cases: of the plan. report: rounds -> their report. line: rounds
    -> a line about them, '' for nothing.
    """

    def __init__(
        self,
        earlier: Iterable[Round],
        cases: Sequence[Case],
        report: Callable[[tuple[Round, ...]], Report],
        line: Callable[[Sequence[Round]], str],
    ) -> None:
        self._names = {case_id(case) for case in cases}
        self._rounds = [each for each in earlier if each.case_id in self._names]
        self._report, self._line = report, line

    def add(self, round_: Round) -> None:
        """Adds a finished round."""
        if round_.case_id in self._names:
            self._rounds.append(round_)

    def line(self) -> str:
        """The line about all rounds so far; '' without a number."""
        return self._line(self._rounds)

    def tables(self, width: int, height: int) -> list[Text]:
        """The lines of the tables, at most `height` lines of at most `width` columns; [] without a number."""
        if not any(each.status == "ok" for each in self._rounds) or len(self._names) > MOST_CASES:
            return []
        try:
            report = self._report(tuple(self._rounds))
        except EmbbenchError:  # for example, no case passes the filter yet
            return []
        lines: list[Text] = []
        for table in report.tables:
            grid = TableLayout(table, width)
            lines.append(Text(table.metric, style="bold"))
            lines += [line for block in grid.blocks for line in grid.lines(block)]
            lines.append(Text())
        for line in lines:
            line.truncate(width)
        return lines[: max(0, height)]
