"""JAX below Keras: the forward pass is traced, and its operations are carried out one by one."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax.extend import core

from embbench.cases.found_table import Use
from embbench.engines.keras.own_model.watch import SeenStep

PASSED_ON = {"copy", "copy_p", "convert_element_type", "stop_gradient", "broadcast_in_dim", "reshape"}
UNREAD = {"shape_of", *PASSED_ON}
PENALTIES = {"square", "integer_pow", "abs", "reduce_sum", "mul"}
INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # parameters of operations that hold a program


@contextlib.contextmanager
def watched(seen: SeenStep, variables: Mapping[str, keras.Variable], model: keras.Model, x: Any) -> Iterator[None]:
    """See `watch.Watching`. The forward pass runs twice: here, and in the step."""
    trained = [each.value for each in model.trainable_variables]
    others = [each.value for each in model.non_trainable_variables]
    every = (*model.trainable_variables, *model.non_trainable_variables)
    paths = [each.path if each.path in variables else "" for each in every]
    traced = jax.make_jaxpr(lambda *weights: _forward(model, weights, len(trained), x))(*trained, *others)
    trainable = {each.path for each in model.trainable_variables}
    _Interpreter(seen, trainable).run(traced.jaxpr, traced.consts, [*trained, *others], paths)
    yield


def _forward(model: keras.Model, weights: Sequence[Any], count: int, x: Any) -> Any:
    how = {"training": True} if model._call_has_training_arg else {}
    return model.stateless_call(list(weights[:count]), list(weights[count:]), x, **how)[0]


class _Interpreter:
    """Carries a traced program out. trainable: paths of variables that train."""

    def __init__(self, seen: SeenStep, trainable: set[str]) -> None:
        self._seen, self._trainable = seen, trainable

    def run(self, program: Any, constants: Sequence[Any], values: Sequence[Any], paths: Sequence[str]) -> list[Any]:
        """The results of a program. paths: of the variables among `values`, '' for others."""
        known: dict[Any, Any] = dict(zip(program.constvars, constants, strict=True))
        named: dict[Any, str] = {}
        for place, value, path in zip(program.invars, values, paths, strict=True):
            known[place], named[place] = value, path

        def value_of(place: Any) -> Any:
            return place.val if isinstance(place, core.Literal) else known[place]

        for each in program.eqns:
            given = [value_of(place) for place in each.invars]
            of = ["" if isinstance(place, core.Literal) else named.get(place, "") for place in each.invars]
            if any(of):
                self._see(each, given, of)
            found = self._carried_out(each, given, of)
            if each.primitive.name in PASSED_ON and any(of):
                named[each.outvars[0]] = next(filter(None, of))
            known.update(zip(each.outvars, found, strict=True))
        return [value_of(place) for place in program.outvars]

    def _carried_out(self, each: Any, given: list[Any], of: list[str]) -> list[Any]:
        inner = next((each.params[name] for name in INNER if name in each.params), None)
        if inner is not None and each.primitive.name not in ("scan", "while", "cond"):
            program, constants = (inner.jaxpr, inner.consts) if hasattr(inner, "jaxpr") else (inner, [])
            return self.run(program, constants, given, of)
        found = each.primitive.bind(*given, **each.params)
        return list(found) if each.primitive.multiple_results else [found]

    def _see(self, each: Any, given: list[Any], of: list[str]) -> None:
        operation, path = each.primitive.name, next(filter(None, of))
        if operation in UNREAD or any(name in each.params for name in INNER):
            return
        if operation == "gather" and of[0] == path:
            self._seen.looked_up(path, operation, np.asarray(given[1]).reshape(-1))
            return
        self._seen.read.add(path)
        if path in self._trainable:
            kind = "output layer" if operation == "dot_general" else "penalty" if operation in PENALTIES else "other"
            self._seen.uses[path].append(Use(kind=kind, operation=operation, where=""))
