"""Programs that lie about their work, and honest ones that only look odd. The audit must catch every lie or
tell of it, and must refuse no honest program; `selftest --audit` and the tests try both.

A plant changes what a contender's `prepare` gets or gives, so that the framework's own program does all the rest. Only
`Request.planted` names a plant: no flag of a verb that measures reaches one.
"""

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from embbench.cases.case import Case
from embbench.cases.contender import Declaration, Module, Trial, Unsupported
from embbench.cases.streams import Tokens

SMALL_TABLE = 100  # rows: more than an audit in small has, fewer than a case that plants are tried on
PATIENCE = 12  # steps after which a patient lie begins: fewer than a round makes before its first sample
ROOMS = ("steps", "fences", "tokens", "builds", "rows", "memory", "optimizers", "network", "odd_results", "odd_costs")


@dataclass(frozen=True)
class Setting:
    """What a plant works with. prepare: the contender's own."""

    case: Case
    tokens: Tokens
    prepare: Callable[[Case, Tokens], Trial]
    declaration: Declaration

    @property
    def timed(self) -> bool:
        """Whether it is the program that is timed, and not the audit in small."""
        return self.case.vocab > SMALL_TABLE

    def trial(self, tokens: Tokens | None = None, **axes: Any) -> Trial:
        """The contender's own, of other tokens or of a case that differs in `axes`. Raises Unsupported where the
        contender does not have that case.
        """
        case = msgspec.structs.replace(self.case, **axes)
        if isinstance(reason := self.declaration.path(case), str):
            raise Unsupported(reason)
        return self.prepare(case, self.tokens if tokens is None else tokens)


@dataclass(frozen=True)
class Plant:
    """A lie, or an honest program that looks odd. does: a sentence. make: builds the trial. axes: of a case in which
    the plant shows. caught: regular expression that the audit's finding matches. told: code of a warning that is
    enough, '' where the program must be refused. only: the contenders whose insides the plant knows; () for any.
    """

    name: str
    does: str
    honest: bool
    make: Callable[[Setting], Trial]
    axes: Mapping[str, Any] = field(default_factory=dict)
    caught: str = ""
    told: str = ""
    only: tuple[str, ...] = ()


_FOUND: dict[str, Plant] = {}


def lie(name: str, does: str, caught: str = "", **told: Any) -> Callable[[Any], Any]:
    """Registers the maker of a trial that it decorates as a lie. told: further fields of Plant."""
    return functools.partial(_register, name, does, False, {"caught": caught, **told})


def honest(name: str, does: str, **told: Any) -> Callable[[Any], Any]:
    """Registers the maker of a trial that it decorates as an honest program."""
    return functools.partial(_register, name, does, True, told)


def _register(name: str, does: str, is_honest: bool, told: dict[str, Any], make: Any) -> Any:
    assert name not in _FOUND, name
    _FOUND[name] = Plant(name, does, is_honest, make, **told)
    return make


@functools.cache
def plants() -> dict[str, Plant]:
    """All by name: the lies first."""
    for room in ROOMS:
        importlib.import_module(f"{__name__}.{room}")
    return dict(sorted(_FOUND.items(), key=lambda item: item[1].honest))


def plant(name: str, module: Module, declaration: Declaration) -> None:
    """Puts a plant into the `prepare` of a loaded contender. Raises KeyError where there is no such plant."""
    make, prepare = plants()[name].make, module.prepare
    module.prepare = lambda case, tokens: make(Setting(case, tokens, prepare, declaration))
