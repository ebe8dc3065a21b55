"""Optimizers in NumPy float64, over all rows or over the rows of a batch.

SGD with momentum: Sutskever et al. 2013, the rate outside the velocity. Adagrad: Duchi et al. 2011. Adam: Kingma and
Ba 2015. AdamW: Loshchilov and Hutter 2019. Row-wise Adagrad: the mean square of a row's gradient is its one state value
(Mudigere et al. 2022, "exact" row-wise form).
"""

from dataclasses import dataclass, field

import numpy as np

from embbench.cases.contender import Epsilon
from embbench.cases.workload import HYPERPARAMETERS, Hyperparameters

# Optimizer -> the state that it keeps for each entry.
KEPT = {"sgd": (), "momentum": ("velocity",), "adagrad": ("sum",), "adam": ("first", "second")}
KEPT["adamw"] = KEPT["adam"]


@dataclass
class Optimizer:
    """One array's optimizer. name: of HYPERPARAMETERS. epsilon: see `cases.contender`. rowwise: Adagrad only."""

    name: str
    epsilon: Epsilon = "corrected"
    rowwise: bool = False
    step: int = 0
    state: dict[str, np.ndarray] = field(default_factory=dict)

    def update(
        self,
        array: np.ndarray,
        gradient: np.ndarray,
        rows: np.ndarray | None = None,
        squares: np.ndarray | None = None,
    ) -> None:
        """One step on `array` in place, on `rows` alone where given; `gradient` has the shape of `array`. squares: what
        the second moment takes in, where it is not the gradient's square.

        The step count, and so Adam's bias correction, is of the optimizer and not of a row, as all frameworks do.
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
            if self.rowwise:
                square = np.broadcast_to(square.mean(-1, keepdims=True), square.shape)
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
        """state[where] = share * state[where] + added, and that."""
        state = self.state[name] = self._old(name, array)
        new = share * state[where] + added
        state[where] = self._stored(new)
        return new

    def _numbers(self) -> Hyperparameters:
        return HYPERPARAMETERS[self.name]

    def _old(self, name: str, array: np.ndarray) -> np.ndarray:
        """State before the step."""
        return self.state[name] if name in self.state else np.zeros_like(array)

    def _stored(self, state: np.ndarray) -> np.ndarray:
        """As it is kept until the next step."""
        return state
