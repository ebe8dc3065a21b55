"""What the contenders declared of the paths that results are of: as their rounds carry it, or, of rounds that are older
than that, as the contenders' files of today say it.
"""

import functools
from typing import Literal

import msgspec

from embbench.contenders import Contender, discover
from embbench.results.collapse import Result
from embbench.spec.declared import Declared, declare

DeclarationSource = Literal["rounds", "same file", "other file", "nothing"]

# What a reader must know of each; nothing where the rounds say it themselves.
BEWARE: dict[DeclarationSource, str] = {
    "same file": "passes and changes as today's contender files say, whose digests are those of these rounds",
    "other file": "passes and changes as today's contender files say; these rounds do not carry them and were measured "
    "by other files, so that they may be others",
    "nothing": "passes and changes are not known: these rounds do not carry them, and the contender is not here",
}

# Contenders of 0.1.0 and of the beginning of 0.2.0 that are a runtime of another one now.
FORMER = {"pytorch_retained": ("pytorch", "retained"), "pytorch_hugepages": ("pytorch", "hugepages")}


def declared(result: Result) -> Declared | None:
    """None where nothing is known of it."""
    return _found(result)[0]


def source(result: Result) -> DeclarationSource:
    """Where that is from."""
    return _found(result)[1]


def change(now: Result, other: Result) -> str:
    """What a user of `now` changes for the other; '' where that is another framework, or nothing is told."""
    used, known = declared(now), declared(other)
    return known.change if used is not None and known is not None and used.packages == known.packages else ""


def beware(results: tuple[Result, ...]) -> list[str]:
    """Of these results, each sentence once; the ones that are least certain come last."""
    found = {source(each) for each in results}
    return [text for known, text in BEWARE.items() if known in found]


def _found(result: Result) -> tuple[Declared | None, DeclarationSource]:
    for line in reversed(result.rounds):
        if line.declared is not None:
            return line.declared, "rounds"
    case = result.case
    if case.contender in FORMER:
        contender, runtime = FORMER[case.contender]
        case = msgspec.structs.replace(case, contender=contender, runtime=runtime)
    today = _contenders().get(case.contender)
    if today is None:
        return None, "nothing"
    digests = {line.software.get("contender") for line in result.rounds}
    return declare(today.declaration, case), "same file" if digests == {today.digest} else "other file"


@functools.cache
def _contenders() -> dict[str, Contender]:
    return discover()
