"""Carries a traced JAX program out, operation by operation, and shows those that get named values."""

from collections.abc import Sequence
from typing import Any, Protocol

import jax.numpy as jnp
from jax.extend import core

PASSED_ON = {"copy", "copy_p", "convert_element_type", "stop_gradient", "broadcast_in_dim", "reshape", "transpose"}
INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # parameters of operations that hold a program
LOOPS = ("scan", "while", "cond")


class Shown(Protocol):
    def __call__(self, operation: Any, given: Sequence[Any], names: Sequence[str]) -> None:
        """operation: an equation of the program, with the values `given`. names: of the values, '' for others."""


class Interpreter:
    """show: is called for each operation that gets a named value."""

    def __init__(self, show: Shown) -> None:
        self._show = show

    def run(self, program: Any, constants: Sequence[Any], values: Sequence[Any], names: Sequence[str]) -> list[Any]:
        """The results of a program. names: of `values`, '' for others."""
        known: dict[Any, Any] = dict(zip(program.constvars, constants, strict=True))
        named: dict[Any, str] = {}
        for place, value, name in zip(program.invars, values, names, strict=True):
            known[place], named[place] = value, name

        def value_of(place: Any) -> Any:
            return place.val if isinstance(place, core.Literal) else known[place]

        for each in program.eqns:
            given = [value_of(place) for place in each.invars]
            of = ["" if isinstance(place, core.Literal) else named.get(place, "") for place in each.invars]
            if any(of) and each.primitive.name not in PASSED_ON and not any(name in each.params for name in INNER):
                self._show(each, given, of)
            found = self._carried_out(each, given, of)
            if each.primitive.name in PASSED_ON and any(of):
                named[each.outvars[0]] = next(filter(None, of))
            known.update(zip(each.outvars, found, strict=True))
        return [value_of(place) for place in program.outvars]

    def _carried_out(self, each: Any, given: list[Any], of: list[str]) -> list[Any]:
        inner = next((each.params[name] for name in INNER if name in each.params), None)
        if each.primitive.name == "scan" and any(of):
            return self._scanned(each, given, of)
        if inner is not None and each.primitive.name not in LOOPS:
            return self.run(*_opened(inner), given, of)
        found = each.primitive.bind(*given, **each.params)
        return list(found) if each.primitive.multiple_results else [found]

    def _scanned(self, each: Any, given: list[Any], of: list[str]) -> list[Any]:
        """The results of a loop, in which operations on named values are shown too. Named are only its constants."""
        body, bound = _opened(each.params["jaxpr"])
        length = each.params["length"]
        # By shapes, since the parameters that count them differ between versions: JAX 0.11 has a tree for num_consts.
        passed = sum(_alike(outside, inside) for outside, inside in zip(each.invars, body.invars, strict=True))
        carried = sum(_alike(outside, inside) for outside, inside in zip(each.outvars, body.outvars, strict=True))
        constants = passed - carried
        fixed, carry = given[:constants], given[constants:passed]
        names = [*of[:constants], *[""] * (len(given) - constants)]
        rows: list[list[Any]] = [[] for _ in range(length)]
        for at in reversed(range(length)) if each.params["reverse"] else range(length):
            parts = [value[at] for value in given[passed:]]
            results = self.run(body, bound, [*fixed, *carry, *parts], names)
            carry, rows[at] = results[:carried], results[carried:]
        return [*carry, *(jnp.stack(column) for column in zip(*rows, strict=True))]


def _opened(program: Any) -> tuple[Any, Sequence[Any]]:
    """A program, and its constants."""
    return (program.jaxpr, program.consts) if hasattr(program, "jaxpr") else (program, [])


def _alike(outside: Any, inside: Any) -> bool:
    """Whether a value goes into or out of a loop as it is, and not an element for each turn."""
    return outside.aval.ndim == inside.aval.ndim
