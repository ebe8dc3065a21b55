"""TensorFlow below Keras: every eager operation is seen by a callback."""

import contextlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
from tensorflow.python.framework import op_callbacks

from embbench.cases.found_table import Use
from embbench.engines.own_seen import SeenStep

LOOKUPS = {"ResourceGather", "GatherV2", "Gather"}
PASSED_ON = {"Identity", "StopGradient"}  # operations that return their input
UNREAD = {"Shape", "VariableShape", "Rank", "Size", "ZerosLike", "OnesLike", *PASSED_ON}
PENALTIES = {"Square", "Abs", "Sum", "Mean", "L2Loss", "Mul", "Pow"}
LATER = {"gradient", "apply", "apply_gradients", "backward"}  # functions that run after the forward pass


@contextlib.contextmanager
def watched(seen: SeenStep, variables: Mapping[str, keras.Variable], model: keras.Model, x: Any) -> Iterator[None]:
    """See `watch.Watching`."""
    handles = {id(each.value.handle): path for path, each in variables.items()}
    values: dict[int, tuple[str, Any]] = {}  # id of a tensor -> path of its variable; the tensor, so that it stays

    def see(kind: Any, inputs: Any, attributes: Any, outputs: Any, name: Any = None, graph: Any = None) -> None:
        operation = kind.decode() if isinstance(kind, bytes) else kind
        paths = [handles.get(id(each)) or values.get(id(each), (None,))[0] for each in inputs]
        path = next(filter(None, paths), None)
        if path is None:
            return
        if operation == "ReadVariableOp" or operation in PASSED_ON:
            values[id(outputs[0])] = (path, outputs[0])
        elif operation in LOOKUPS and paths[0] == path:
            seen.looked_up(path, operation, np.asarray(inputs[1]))
        elif operation not in UNREAD and not _is_later():
            seen.read.add(path)
            kind_of = "output layer" if operation == "MatMul" else "penalty" if operation in PENALTIES else "other"
            if variables[path].trainable:
                seen.uses[path].append(Use(kind=kind_of, operation=operation, where=seen.where()))

    op_callbacks.add_op_callback(see)
    try:
        yield
    finally:
        op_callbacks.remove_op_callback(see)


def _is_later() -> bool:
    """Whether a backward pass or an optimizer runs."""
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_name in LATER and "site-packages" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False
