"""Programs that lie about their work, and honest programs that look odd. The audit must refuse every lie or warn about
it, and must not refuse an honest program. `selftest --audit` and the tests check both.

A plant changes the arguments or the result of a contender's `prepare`; the framework's own program does everything
else. Only `Request.planted` names a plant: no flag of a measuring verb reaches a plant.
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

SMALL_TABLE = 100  # rows: more than in a small audit, and fewer than in a case that plants are tried on
PATIENCE = 12  # steps before a patient lie begins: fewer than a round makes before its first sample
ROOMS = (
    *("steps", "fences", "tokens", "builds", "rows", "memory", "optimizers", "network", "ranks"),
    *("odd_results", "odd_costs"),
)


@dataclass(frozen=True)
class Setting:
    """What a plant works with. prepare: the contender's own function."""

    case: Case
    tokens: Tokens
    prepare: Callable[[Case, Tokens], Trial]
    declaration: Declaration

    @property
    def timed(self) -> bool:
        """Whether this is the timed program, and not the small audit."""
        return self.case.vocab > SMALL_TABLE

    def trial(self, tokens: Tokens | None = None, **axes: Any) -> Trial:
        """The contender's own trial, with other tokens or with a case that differs in `axes`. Raises Unsupported where
        the contender does not have that case.
        """
        case = msgspec.structs.replace(self.case, **axes)
        if isinstance(reason := self.declaration.path(case), str):
            raise Unsupported(reason)
        return self.prepare(case, self.tokens if tokens is None else tokens)


@dataclass(frozen=True)
class Plant:
    """A lie, or an honest program that looks odd. does: a sentence. make: builds the trial. axes: of a case that shows
    the plant. caught: regular expression for the audit's finding. told: code of a warning that is enough; '' where the
    audit must refuse the program. only: contenders whose internals the plant needs; () for any contender.
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
    """A decorator that registers the maker of a trial as a lie. told: further fields of Plant."""
    return functools.partial(_register, name, does, False, {"caught": caught, **told})


def honest(name: str, does: str, **told: Any) -> Callable[[Any], Any]:
    """A decorator that registers the maker of a trial as an honest program."""
    return functools.partial(_register, name, does, True, told)


def _register(name: str, does: str, is_honest: bool, told: dict[str, Any], make: Any) -> Any:
    assert name not in _FOUND, name
    _FOUND[name] = Plant(name, does, is_honest, make, **told)
    return make


@functools.cache
def plants() -> dict[str, Plant]:
    """Name -> plant, lies first."""
    for room in ROOMS:
        importlib.import_module(f"{__name__}.{room}")
    return dict(sorted(_FOUND.items(), key=lambda item: item[1].honest))


def plant(name: str, module: Module, declaration: Declaration) -> None:
    """Puts a plant into the `prepare` of a loaded contender. Raises KeyError for an unknown plant."""
    make, prepare = plants()[name].make, module.prepare
    module.prepare = lambda case, tokens: make(Setting(case, tokens, prepare, declaration))
