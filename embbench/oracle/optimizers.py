"""Optimizers in NumPy float64, over all rows or over the rows of a batch.

SGD with momentum: Sutskever et al. 2013, with the rate outside the velocity. Adagrad: Duchi et al. 2011. Adam: Kingma
and Ba 2015. AdamW: Loshchilov and Hutter 2019. Row-wise Adagrad: the mean square of a row's gradient is the row's only
state value (Mudigere et al. 2022, "exact" row-wise form).
"""

from dataclasses import dataclass, field

import numpy as np

from embbench.cases.update_path import Epsilon
from embbench.cases.workload import HYPERPARAMETERS, Hyperparameters

# Optimizer -> names of its state arrays, which have an entry per weight.
KEPT = {"sgd": (), "momentum": ("velocity",), "adagrad": ("sum",), "adam": ("first", "second")}
KEPT["adamw"] = KEPT["adam"]


@dataclass
class Optimizer:
    """The optimizer of an array. name: of HYPERPARAMETERS. epsilon: see `cases.update_path`. parts: of Adagrad's state:
    0 for a value per number, else a value per row in each of as many equal parts of the columns.
    """

    name: str
    epsilon: Epsilon = "corrected"
    parts: int = 0
    step: int = 0
    state: dict[str, np.ndarray] = field(default_factory=dict)

    def update(
        self,
        array: np.ndarray,
        gradient: np.ndarray,
        rows: np.ndarray | None = None,
        squares: np.ndarray | None = None,
    ) -> None:
        """A step on `array` in place, or only on `rows` where given. gradient: in the shape of `array`. squares:
        replaces the square of the gradient in the second moment.

        The step count, and so Adam's bias correction, belongs to the optimizer and not to a row, as in all frameworks.
        """
        self.step += 1
        where = slice(None) if rows is None else rows
        array[where] = self._moved(array, gradient[where], None if squares is None else squares[where], where)

    def _moved(
        self, array: np.ndarray, gradient: np.ndarray, square: np.ndarray | None, where: slice | np.ndarray
    ) -> np.ndarray:
        told, old = self._numbers(), array[where]
        if self.name == "sgd":
            return old - told.rate * gradient
        if self.name == "momentum":
            return old - told.rate * self._keep("velocity", array, where, told.momentum, gradient)
        if square is None:
            square = gradient**2
        if self.name == "adagrad":
            if self.parts == 1:
                square = np.broadcast_to(square.mean(-1, keepdims=True), square.shape)
            elif self.parts:
                means = square.reshape(len(square), self.parts, -1).mean(-1)
                square = np.repeat(means, square.shape[-1] // self.parts, axis=-1)
            total = self._keep("sum", array, where, 1.0, square)
            inside = self.epsilon == "inside"
            spread = np.sqrt(total + told.epsilon) if inside else np.sqrt(total) + told.epsilon
            return old - told.rate * gradient / spread
        first = self._keep("first", array, where, told.beta1, (1 - told.beta1) * gradient)
        second = self._keep("second", array, where, told.beta2, (1 - told.beta2) * square)
        first_share, second_share = 1 - told.beta1**self.step, 1 - told.beta2**self.step
        spread = np.sqrt(second / second_share) + told.epsilon
        if self.epsilon == "uncorrected":
            spread = (np.sqrt(second) + told.epsilon) / np.sqrt(second_share)
        return old * (1 - told.rate * told.decay) - told.rate * (first / first_share) / spread

    def _keep(
        self, name: str, array: np.ndarray, where: slice | np.ndarray, share: float, added: np.ndarray
    ) -> np.ndarray:
        """Sets state[where] = share * state[where] + added, and returns the new values before rounding."""
        state = self.state[name] = self._old(name, array)
        new = share * state[where] + added
        state[where] = self._stored(new)
        return new

    def _numbers(self) -> Hyperparameters:
        return HYPERPARAMETERS[self.name]

    def _old(self, name: str, array: np.ndarray) -> np.ndarray:
        """The state before the step."""
        return self.state[name] if name in self.state else np.zeros_like(array)

    def _stored(self, state: np.ndarray) -> np.ndarray:
        """The state as stored until the next step."""
        return state
