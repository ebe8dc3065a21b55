"""A change of a user's own step, held to the unmodified step, in any framework."""

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol, TypeVar

from embbench.cases.contender import Unsupported
from embbench.cases.found_change import FoundChange, Training
from embbench.cases.found_table import FoundTable
from embbench.engines.own_twin import Trained, compare
from embbench.errors import shortened

LONGEST = 200  # characters of a framework's exception
# By frameworks and by the user's code, for a change that does not fit; others are faults of the change's own code.
RAISED = (RuntimeError, ValueError, TypeError, NotImplementedError, AttributeError)
DIFFERS = "two runs of your own step differ, so no change can be held to them: give all random numbers a seed"


OwnProgram = TypeVar("OwnProgram")


class Summarized(Protocol):
    """A change. SUMMARY: what the user changes."""

    SUMMARY: str


Attempted = TypeVar("Attempted", bound=Summarized)


class Held(NamedTuple):
    """What changes are held to. own: the unmodified program. again: a second run of it. jittered: a run whose weights
    differ in their last place.
    """

    own: Trained
    again: Trained
    jittered: Trained


class ChangeAttempt(NamedTuple):
    """A change that was carried out. patch: the changed lines of the user's files; '' where arguments are not enough.
    differs: says what differs, given the weight that differs most.
    """

    trained: Trained
    patch: str
    differs: Callable[[str], str]


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
    held = Held(train(program(), False), train(program(), False), train(program(), True))
    return tuple(
        tried(name, each.SUMMARY, framework, held, functools.partial(attempt, each)) for name, each in changes.items()
    )


def tried(name: str, summary: str, framework: str, held: Held, attempt: Callable[[], ChangeAttempt]) -> FoundChange:
    """framework: as a user writes it, for its exceptions, which are quoted."""

    def found(
        training: Training, why: str = "", patch: str = "", difference: float | None = None, identical: bool = False
    ) -> FoundChange:
        return FoundChange(
            name=name,
            summary=summary,
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
    if not compare(held.own, held.again).same:
        return found("unknown", DIFFERS, done.patch)
    twin = compare(held.own, done.trained, held.jittered)
    if twin.same:
        return found("same", "", done.patch, twin.difference, twin.identical)
    return found("other", done.differs(twin.off), done.patch, twin.difference)


def what_differs(own: Iterable[FoundTable], changed: Iterable[FoundTable], off: str) -> str:
    """The classes and types of the changed tables that are not the user's; else the weight that differs most."""
    before = {each.name: each for each in own}
    others: dict[str, None] = {}
    for each in changed:
        if (known := before.get(each.name)) is not None:
            pairs = ((each.semantic, known.semantic), (each.dtype, known.dtype))
            others |= {f"{one} instead of {other}": None for one, other in pairs if one != other}
    return ", ".join(others) or f"{off} moves otherwise"
