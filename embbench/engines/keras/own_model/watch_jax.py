"""JAX below Keras: the forward pass is traced, and its operations are carried out one by one."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import keras
import numpy as np

from embbench.cases.found_table import Use
from embbench.engines.jax.traced import Interpreter
from embbench.engines.own_seen import SeenStep

PENALTIES = {"square", "integer_pow", "abs", "reduce_sum", "mul"}


@contextlib.contextmanager
def watched(seen: SeenStep, variables: Mapping[str, keras.Variable], model: keras.Model, x: Any) -> Iterator[None]:
    """See `watch.Watching`. The forward pass runs twice: here, and in the step."""
    trained = [each.value for each in model.trainable_variables]
    others = [each.value for each in model.non_trainable_variables]
    every = (*model.trainable_variables, *model.non_trainable_variables)
    paths = [each.path if each.path in variables else "" for each in every]
    traced = jax.make_jaxpr(lambda *weights: _forward(model, weights, len(trained), x))(*trained, *others)
    trainable = {each.path for each in model.trainable_variables}
    Interpreter(_Showing(seen, trainable)).run(traced.jaxpr, traced.consts, [*trained, *others], paths)
    yield


def _forward(model: keras.Model, weights: Sequence[Any], count: int, x: Any) -> Any:
    how = {"training": True} if model._call_has_training_arg else {}
    return model.stateless_call(list(weights[:count]), list(weights[count:]), x, **how)[0]


class _Showing:
    """Collects into `seen`. trainable: paths of variables that train."""

    def __init__(self, seen: SeenStep, trainable: set[str]) -> None:
        self._seen, self._trainable = seen, trainable

    def __call__(self, operation: Any, given: Sequence[Any], names: Sequence[str]) -> None:
        name, path = operation.primitive.name, next(filter(None, names))
        if name == "gather" and names[0] == path:
            self._seen.looked_up(path, name, np.asarray(given[1]).reshape(-1))
            return
        self._seen.read.add(path)
        if path in self._trainable:
            kind = "output layer" if name == "dot_general" else "penalty" if name in PENALTIES else "other"
            self._seen.uses[path].append(Use(kind=kind, operation=name, where=""))
