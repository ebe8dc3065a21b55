"""A change of a user's own step, held to the unmodified step, in any framework."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from embbench.cases.claim import RAISED as LACKING
from embbench.cases.contender import Unsupported
from embbench.cases.found_change import FoundChange, Training
from embbench.cases.found_table import FoundTable
from embbench.engines.own_random import LEVEL, RUNS, chance
from embbench.engines.own_twin import Trained, compare
from embbench.errors import shortened

LONGEST = 200  # characters of a framework's exception
# By frameworks and by the user's code, for a change that does not fit; others are faults of the change's own code.
RAISED = (*LACKING, IndexError)
SHARE = 8  # 1/SHARE of the columns trains beside a frozen part
MOST_IN_DATA = 0.9  # of all rows: with more of them in the data, a table of these rows gains nothing
UNSEEDED = "your step draws random numbers without a seed"


OwnProgram = TypeVar("OwnProgram")


class Summarized(Protocol):
    """A change. SUMMARY: what the user changes. A change that makes sense only where the training stays the same has
    ONLY_SAME too: why it is refused where the training differs.
    """

    SUMMARY: str


Attempted = TypeVar("Attempted", bound=Summarized)


class Held(NamedTuple):
    """What changes are held to. own: the unmodified program. jittered: a run whose weights differ in their last place.
    runs: of the unmodified program, where two of them differ; else ().
    """

    own: Trained
    jittered: Trained
    runs: Sequence[Trained]


class ChangeAttempt(NamedTuple):
    """A change that was carried out. patch: the changed lines of the user's files; '' where arguments are not enough.
    differs: says what differs in its tables; '' where nothing does. rows: name of a weight that has fewer rows than
    the user's -> the kept rows.
    """

    trained: Trained
    patch: str
    differs: Callable[[], str]
    rows: Mapping[str, np.ndarray]


def try_all(
    framework: str,
    changes: Mapping[str, Attempted],
    program: Callable[[], OwnProgram],
    train: Callable[[OwnProgram, bool], Trained],
    attempt: Callable[[Attempted], ChangeAttempt],
) -> tuple[FoundChange, ...]:
    """Every change, by name. framework: as a user writes it. program: makes the unmodified program. train: makes a few
    steps, with jittered weights or not.
    """
    own, again = train(program(), False), train(program(), False)
    runs = () if compare(own, again).same else (own, again, *(train(program(), False) for _ in range(RUNS - 2)))
    held = Held(own, train(program(), True), runs)
    return tuple(tried(name, each, framework, held, functools.partial(attempt, each)) for name, each in changes.items())


def tried(
    name: str, change: Summarized, framework: str, held: Held, attempt: Callable[[], ChangeAttempt]
) -> FoundChange:
    """framework: as a user writes it, for its exceptions, which are quoted."""

    def found(
        training: Training, why: str = "", patch: str = "", difference: float | None = None, identical: bool = False
    ) -> FoundChange:
        return FoundChange(
            name=name,
            summary=change.SUMMARY,
            training=training,
            difference=difference,
            identical=identical,
            why=why,
            patch=patch,
        )

    try:
        done = attempt()
    except Unsupported as error:
        return found("refused", str(error))
    except RAISED as error:
        said = str(error).splitlines() or [type(error).__name__]
        return found("refused", f"{framework}: {shortened(said[0], LONGEST)}")
    if held.runs:
        if classes := done.differs():
            return found("other", classes, done.patch)
        p, most = chance(held.runs, [done.trained, *(attempt().trained for _ in range(RUNS - 1))])
        who = most if p < LEVEL else "no weight"
        why = f"{UNSEEDED}; over {RUNS} runs each, {who} moves farther or less far"
        return found("other" if p < LEVEL else "unknown", why, done.patch)
    twin = compare(held.own.of_rows(done.rows), done.trained, held.jittered.of_rows(done.rows))
    if twin.same:
        return found("same", "", done.patch, twin.difference, twin.identical)
    if reason := getattr(change, "ONLY_SAME", ""):
        return found("refused", reason)
    return found("other", done.differs() or f"{twin.off} moves otherwise", done.patch, twin.difference)


def what_differs(own: Iterable[FoundTable], changed: Iterable[FoundTable]) -> str:
    """The classes, types and columns of the changed tables that are not the user's; '' without."""
    before = {each.name: each for each in own}
    others: dict[str, None] = {}
    for each in changed:
        if (known := before.get(each.name)) is not None:
            pairs = ((each.semantic, known.semantic), (each.dtype, known.dtype))
            others |= {f"{one} instead of {other}": None for one, other in pairs if one != other}
            if each.columns != known.columns:
                others[f"{each.columns} instead of {known.columns} columns train"] = None
    return ", ".join(others)
