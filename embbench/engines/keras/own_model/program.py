"""The step of a user's own Keras model, from what the user's function returns."""

from typing import Any

import keras
import numpy as np

from embbench.engines.own_batches import take_batches
from embbench.errors import UsageError

RETURNS = "a compiled model, and batches (x, y)"


class KerasProgram:
    """A user's training step, as Keras makes it for a batch. batches: staged, which steps use in a cycle. rest: the
    batches after them; None where they have no end. ids: see `data_rows.ids_of`. fewer: path of a variable that has
    fewer rows than the user's -> the kept rows.
    """

    def __init__(self, built: Any, name: str) -> None:
        """built: what the user's function returned. name: of the function. Raises UsageError for anything that is not
        (compiled model, batches).
        """
        if not isinstance(built, tuple | list) or len(built) != 2:
            told = f"{len(built)} values" if isinstance(built, tuple | list) else type(built).__name__
            raise UsageError(f"{name} returned {told}; return {RETURNS}")
        self.model, batches = built
        if not isinstance(self.model, keras.Model):
            raise UsageError(f"{name} returned {type(self.model).__name__} as model; return a keras.Model")
        if not self.model.compiled:
            raise UsageError(f"the model of {name} is not compiled; call compile before you return the model")
        taken = take_batches(batches, name)
        self.batches = [_checked(each, name) for each in taken.staged]
        self.rest = taken.rest
        self.ids: np.ndarray | None = None
        self.fewer: dict[str, np.ndarray] = {}
        self.made = 0  # steps

    def step(self) -> None:
        """A step on the next batch."""
        self.step_on(self.made)

    def step_on(self, number: int) -> None:
        """A step on batch `number`, in a cycle."""
        x, y, weight = self.batch(number)
        self.model.train_on_batch(x, y, sample_weight=weight)
        self.made += 1

    def batch(self, number: int) -> tuple[Any, Any, Any]:
        """(x, y, weights of the samples or None) of a batch, in a cycle."""
        return self.batches[number % len(self.batches)]

    def run_eagerly(self) -> None:
        """Makes further steps show each operation. Their arithmetic stays the same."""
        self.model.run_eagerly, self.model.jit_compile, self.model.train_function = True, False, None


def _checked(batch: Any, name: str) -> tuple[Any, Any, Any]:
    """(x, y, weights of the samples or None)."""
    if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
        raise UsageError(f"a batch of {name} is {type(batch).__name__}; return batches (x, y), as `fit` takes them")
    x, y, *weight = batch
    return x, y, weight[0] if weight else None
