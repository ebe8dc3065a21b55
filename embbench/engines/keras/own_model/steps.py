"""A user's own compiled model, stepped as `fit` steps it, without callbacks."""

import importlib
from typing import Any, Protocol, cast

import keras
import numpy as np

from embbench.engines.keras.own_model.program import KerasProgram


class FitSteps(Protocol):
    """The class STEPS of `steps_BACKEND.py`."""

    def step(self) -> Any:
        """On the next batch, in a cycle. Returns something to wait for."""
        ...

    def weights(self) -> list[np.ndarray]:
        """Copies of the weights that train."""
        ...


def steps_of(program: KerasProgram) -> FitSteps:
    """Builds what `fit` builds before its first step: the metrics, the state of the optimizer, the train function."""
    model, batches = program.model, [given(each) for each in program.batches]
    model._symbolic_build(data_batch=batches[0])
    model.make_train_function()
    module = importlib.import_module(f"{__package__}.steps_{keras.backend.backend()}")
    return cast(FitSteps, module.STEPS(model, batches))


def given(batch: tuple[Any, Any, Any]) -> tuple[Any, ...]:
    """(x, y), or (x, y, weights of the samples)."""
    return batch if batch[2] is not None else batch[:2]


def stacked(batches: list[tuple[Any, ...]]) -> Any:
    """All batches as one structure of arrays (batches, B, ...); None where their shapes differ."""
    arrays = [keras.tree.map_structure(np.asarray, batch) for batch in batches]
    shapes = {str(keras.tree.map_structure(lambda array: array.shape, batch)) for batch in arrays}
    return keras.tree.map_structure(lambda *each: np.stack(each), *arrays) if len(shapes) == 1 else None
