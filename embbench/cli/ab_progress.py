"""The progress of an A/B on stderr: a line when a launch begins, a line with its times, a line per verdict."""

from collections.abc import Sequence
from typing import TextIO

from embbench.ab.decision import MOST, Launch
from embbench.ab.sides import Contest
from embbench.analysis.compare.comparison import Comparison
from embbench.cases.units import format_quantity
from embbench.plain import screened
from embbench.report.comparisons import why
from embbench.report.figures import factor_text
from embbench.stats.effects import alternating_ratio
from embbench.stats.summary import median
from embbench.store.round import Round


class LaunchProgress:
    """The progress lines. Nothing is printed while a launch measures."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def begin(self, contest: Contest, made: int) -> None:
        self._say(f"{contest.name} · launch {made + 1} of at most {MOST}")

    def phase(self, name: str) -> None:
        """Not shown: two workers enter their phases at the same time."""

    def end(self, contest: Contest, launch: Launch) -> None:
        self._say(f"  {_times(*launch)}")

    def decided(self, comparisons: Sequence[Comparison]) -> None:
        for each in comparisons:
            ratio = f" ×{factor_text(each.ratio)}" if each.ratio is not None else ""
            self._say(f"{each.name} {each.metric}:{ratio} {each.verdict}, {why(each)}")

    def note(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str) -> None:
        print(screened(text), file=self._stream, flush=True)


def _times(base: Round, head: Round) -> str:
    """'step 12.3 ms and 12.9 ms, ×1.05', or the statuses of the sides."""
    if base.status != "ok" or head.status != "ok":
        sides = (("base", base), ("head", head))
        return "; ".join(f"{name} {each.status}" + (f": {each.reason}" if each.reason else "") for name, each in sides)
    samples = [each.metrics["step_time"].values for each in (base, head)]
    times = "step " + " and ".join(format_quantity(median(values), "s") for values in samples)
    if min(map(min, samples)) <= 0:
        return f"{times}: the clock went back"
    return f"{times}, ×{format_quantity(alternating_ratio(*samples), '1', 4)}"
