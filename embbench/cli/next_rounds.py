"""A run with a time budget: the choice of its next rounds, and the sentence about its numbers."""

from collections.abc import Callable, Container, Mapping, Sequence

from embbench.analysis.collapse.axes import named, naming_axes
from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.case import Case, case_id
from embbench.cases.suite import View
from embbench.cases.units import format_duration
from embbench.launch.order import Ledger
from embbench.launch.runner import Outcome, Work
from embbench.report.figures import percent
from embbench.report.sharpness import RATIO, TIME, Known, Reference, Sharpness, references
from embbench.store.round import Round

MOST_NAMES = 3  # of cases in a message
TARGETS = f"±{percent(TIME)} of a time and ±{percent(RATIO)} of a ratio"


class Sharpening:
    """The choice of rounds of a run. view: of its table. order: the plan's cases. chosen: fields of the view that the
    user gave. reference: the case to which all ratios are; None for the denominators of the table.
    """

    def __init__(
        self,
        view: View,
        order: Sequence[Case],
        chosen: Sequence[str] = (),
        reference: Case | None = None,
    ) -> None:
        self._view, self._order, self._chosen = view, order, tuple(chosen)
        self._reference = reference

    def next_visit(self, rounds: Sequence[Round], seconds: Mapping[str, float], left: float) -> Sequence[str]:
        sharpness, _ = self._of(rounds)
        return sharpness.next_visit(seconds, left)

    def verdict(self, outcome: Outcome, within: float, closed: Container[str] = ()) -> str:
        """The sentence at the end of a run; '' for a run without numbers. within: seconds. closed: ids of the cases
        that get no further round.
        """
        sharpness, name = self._of(outcome.rounds)
        wide = sharpness.wide
        if not sharpness.all:
            return ""
        if not wide:
            known = f"every time is known to ±{percent(TIME)} and every ratio to ±{percent(RATIO)}"
            return f"{known}, after {format_duration(outcome.seconds)}"
        text = f"after {format_duration(within)}, not yet known to {TARGETS}: {_widest(wide, name)}"
        if all(known.result.case_id in closed for known in wide):
            return text
        return f"{text}; repeat the command with --within {_flag(2 * within)} to continue"

    def so_far(self, rounds: Sequence[Round]) -> str:
        """'7 of 10 times within ±30%, 3 of 8 ratios within ±15%; widest: trainable compact vocab=2M ±45%'."""
        sharpness, name = self._of(rounds)
        times = [each for each in sharpness.all if each.against is None]
        ratios = [each for each in sharpness.all if each.against is not None]
        if not times:
            return ""
        texts = [f"{_sharp(times)} of {len(times)} times within ±{percent(TIME)}"]
        if ratios:
            texts.append(f"{_sharp(ratios)} of {len(ratios)} ratios within ±{percent(RATIO)}")
        wide = sharpness.wide
        return ", ".join(texts) + (f"; widest: {_spread(wide[0], name)}" if wide else "")

    def _of(self, rounds: Sequence[Round]) -> tuple[Sharpness, Callable[[Known], str]]:
        results = collapse(rounds)
        axes = naming_axes(results)
        against = self._against(results)
        return Sharpness(results, Measures(results), against, self._decides), lambda known: named(axes, known.result)

    def _against(self, results: Sequence[Result]) -> Reference:
        if self._reference is None:
            return references(self._view, results, self._order, self._chosen)
        reference = next((each for each in results if each.case == self._reference), None)
        return lambda result: None if result is reference else reference

    def _decides(self, result: Result) -> bool:
        """Whether the result is the reference with another number of rows, which shows what grows."""
        here, reference = result.case, self._reference
        return reference is not None and (here.update, here.runtime) == (reference.update, reference.runtime)


def _sharp(known: Sequence[Known]) -> int:
    return sum(not each.wide for each in known)


def _widest(wide: Sequence[Known], name: Callable[[Known], str]) -> str:
    more = len(wide) - MOST_NAMES
    return ", ".join(_spread(known, name) for known in wide[:MOST_NAMES]) + (f", and {more} more" if more > 0 else "")


def _spread(known: Known, name: Callable[[Known], str]) -> str:
    what = f"ratio of {name(known)}" if known.against is not None else name(known)
    if not known.timed:
        return f"{what} in an unusual state of the machine only"
    if known.half is None:
        return f"{what} from a single round"
    return f"{what} ±{percent(known.half)}" if known.half < 1 else f"{what} ±100% or more"


def _flag(seconds: float) -> str:
    """Seconds -> the text of --within: '8m' or '90s'."""
    return f"{seconds / 60:g}m" if seconds % 60 == 0 else f"{seconds:g}s"


def closed(outcome: Outcome, work: Work) -> set[str]:
    """Ids of the cases that get no further round, however long a run takes, because they failed twice."""
    ledger, following = Ledger(work.plan, outcome.rounds), 1 + max((each.round for each in outcome.rounds), default=0)
    return {case_id(case) for case in work.plan.cases if not ledger.to_do(case, following)}
