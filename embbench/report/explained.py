"""What `explain` tells beside the numbers: answers to common claims, missing measurements, and a caption."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from embbench.analysis.collapse.axes import named, naming_axes
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.explanation import Explanation
from embbench.analysis.cost.growth import Growth
from embbench.analysis.cost.sweep import SIZES
from embbench.cases.case import NO_UPDATE
from embbench.cases.runtimes import SYSTEM
from embbench.report.alternatives import Change
from embbench.report.caption import machines
from embbench.report.claims import ClaimAnswer, claim_answers
from embbench.report.command import ceilings_command, command, flags
from embbench.report.figures import LENT
from embbench.report.how_measured import dates
from embbench.report.rank_costs import rank_costs
from embbench.stats.summary import Summary
from embbench.store.ceilings import Ceilings

WHY = "why it grows, and the least time"  # what ceilings tell

DeclarationSource = Literal["rounds", "same file", "other file", "nothing"]  # the origin of a declared path

# Notes for the reader, the least certain last; declarations of the rounds need no note.
DECLARED: dict[DeclarationSource, str] = {
    "same file": "passes and changes come from today's contender files, which are the files of these rounds",
    "other file": "passes and changes come from today's contender files; other files measured these rounds, so the "
    "values may be wrong",
    "nothing": "passes and changes are unknown: these rounds do not carry them, and the contender is not here",
}


class Explained(msgspec.Struct, frozen=True):
    """change: see Change. source: result -> the origin of its declared path. missing: (missing measurement, the command
    that measures it). caption: (word, text). ranks: see `rank_costs`. machine: which machine the results that are used
    are from, if they are from several.
    """

    explanation: Explanation
    claim_answers: tuple[ClaimAnswer, ...]
    change: Change
    source: Callable[[Result], DeclarationSource]
    missing: tuple[tuple[str, str], ...]
    caption: tuple[tuple[str, str], ...]
    ranks: tuple[tuple[str, str], ...] = ()
    machine: tuple[tuple[str, str], ...] = ()


def make_explained(
    explanation: Explanation,
    results: Sequence[Result],
    measures: Measures,
    *,
    columns: Growth | None,
    ceilings: Ceilings | None,
    change: Change,
    source: Callable[[Result], DeclarationSource],
) -> Explained:
    """columns: the growth of a step with dim, see `claim_answers`. ceilings: of the machine. change, source: see
    Explained.
    """
    shown = (explanation.result, *(each.result for each in explanation.alternatives))
    sources = {source(each) for each in shown}
    notes = (("declared", text) for known, text in DECLARED.items() if known in sources)
    return Explained(
        explanation=explanation,
        claim_answers=tuple(claim_answers(explanation, columns)),
        change=change,
        source=source,
        missing=tuple(_missing(explanation, columns, ceilings)),
        caption=(*_caption(explanation.result, shown, measures), *notes),
        ranks=tuple(rank_costs(explanation.result, results, measures)),
        machine=tuple(_of_several(explanation.result, results)),
    )


def _of_several(chosen: Result, results: Sequence[Result]) -> Iterator[tuple[str, str]]:
    """Which of several machines the answer is about."""
    known = machines(results)
    others = [name for name in known if name != chosen.machine]
    if others:
        cpu = known[chosen.machine].partition(" · ")[0]
        this = f"{cpu} ({chosen.machine}), of {len(known)} in these results"
        yield "machine", f"{this}; --filter machine={others[0]} explains another"


def _missing(explanation: Explanation, columns: Growth | None, ceilings: Ceilings | None) -> Iterator[tuple[str, str]]:
    """(missing measurement, the command that measures it)."""
    case = explanation.case
    if explanation.growth is None or explanation.growth.grows is None:
        sizes = sorted({max(1, round(case.vocab * share)) for share in (0.1, 0.25, 0.5, 1)})
        yield "growth", command(case, 1, vocab=sizes)
    if ceilings is None:
        grows = explanation.growth is not None and explanation.growth.grows
        yield WHY if grows and explanation.passes is None else "least time", ceilings_command(case)
    lacks = [("alternatives", not explanation.alternatives), ("parts of a step", explanation.phases is None)]
    if wanted := [what for what, missing in lacks if missing]:
        yield " and ".join(wanted), f"embbench explain {flags(case)}"
    if columns is None:
        dims = sorted({max(1, case.dim // 4), case.dim, 2 * case.dim})
        fixed = msgspec.structs.replace(case, table="frozen", update=NO_UPDATE)
        yield "growth with dim", f"{command(fixed, dim=dims)}, together with these results"


def _caption(chosen: Result, shown: Sequence[Result], measures: Measures) -> Iterator[tuple[str, str]]:
    """shown: the results that the screen names."""
    case = chosen.case
    yield (
        "case",
        " · ".join(f"{name} {getattr(case, name)}" for name in SIZES if name != "vocab")
        + f" · {case.tokens} · {case.dtype} · {case.device}"
        + ("" if case.ranks == 1 else f" · ranks {case.ranks}")
        + f" · threads {case.threads}"
        + ("" if case.runtime == SYSTEM else f" · runtime {case.runtime}"),
    )
    for text in machines([chosen]).values():
        yield "machine", text
    software = chosen.rounds[-1].software
    yield "software", " · ".join(f"{name} {version}" for name, version in software.items())
    yield "measured", dates([line for each in shown for line in each.rounds])
    alone = [
        result for result in shown if isinstance(time := measures.summary(result, "step_time"), Summary) and time.lent
    ]
    if alone:
        axes = naming_axes(shown)
        yield "one round", f"{', '.join(named(axes, each) for each in alone)}: {LENT}"
