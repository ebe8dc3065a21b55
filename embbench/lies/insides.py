"""Lies in the arithmetic, in the NumPy contender, whose insides can be changed: what a slip in an optimizer does."""

from typing import Any

import numpy as np

from embbench.lies import Setting, lie
from embbench.lies.wrapping import Wrapped
from embbench.oracle.network import loss_and_gradients
from embbench.oracle.optimizers import Optimizer
from embbench.spec.workload import HYPERPARAMETERS

NUMPY: dict[str, Any] = {"only": ("numpy",)}
SGD: dict[str, Any] = {**NUMPY, "axes": {"optimizer": "sgd"}}
MOMENTUM: dict[str, Any] = {**NUMPY, "axes": {"optimizer": "momentum"}}
ADAMW: dict[str, Any] = {**NUMPY, "axes": {"optimizer": "adamw"}}
LAZY: dict[str, Any] = {**NUMPY, "axes": {"update": "sparse"}}


class Gradient(Wrapped):
    """Changes the summed gradient of the batch's rows before the table's optimizer gets it."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        train = self.trial.train
        self.trial.train = lambda rows, sums: train(rows, self.changed(rows, sums).astype(sums.dtype))

    def changed(self, rows: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """(len(rows), D). sums: likewise."""
        raise NotImplementedError


@lie("half-precision-gradient", "Rounds the gradient of the rows to float16.", "row", **SGD)
class HalfGradient(Gradient):
    def changed(self, rows, sums):
        return sums.astype(np.float16)


@lie("gradient-of-the-wrong-sign", "Adds the gradient where it is to be taken away.", "row", **SGD)
class Ascends(Gradient):
    def changed(self, rows, sums):
        return -sums


@lie("noise-in-the-gradient", "Adds noise to the gradient of the rows, as private training does.", "row", **SGD)
class Noise(Gradient):
    def changed(self, rows, sums):
        noise = np.random.default_rng(self.steps).standard_normal(sums.shape)
        return sums + 0.01 * np.abs(sums).max() * noise


@lie(
    "clips-when-large", "Scales the gradient down where its norm is above the usual, after a while.", "row|loss", **SGD
)
class ClipsLarge(Gradient):
    most = 0.0

    def changed(self, rows, sums):
        norm = float(np.linalg.norm(sums))
        if not self.late:
            self.most = max(self.most, 0.7 * norm)
            return sums
        return sums * min(1.0, self.most / norm)


@lie("last-repeat-wins", "Takes a row's gradient from its last place in the batch alone.", "row", **SGD)
class LastWins(Gradient):
    def step(self) -> None:
        trial, tokens = self.trial, self.setting.tokens
        ids, labels = self.batch, tokens.labels[self.steps % len(tokens.ids)]
        _, flow, _ = loss_and_gradients(trial.weights, trial.read_rows(ids), labels)
        places = ids.ravel()
        self.last = {int(row): flow.reshape(len(places), -1)[place] for place, row in enumerate(places)}
        super().step()

    def changed(self, rows, sums):
        return np.array([self.last[int(row)] for row in rows])


class Restored(Wrapped):
    """Puts parts of the program back after each step."""

    patient = False

    def arrays(self) -> list[np.ndarray]:
        """That are put back."""
        raise NotImplementedError

    def step(self) -> None:
        kept = [array.copy() for array in self.arrays()]
        held = self.late if self.patient else True
        super().step()
        if held and kept:
            for array, before in zip(self.arrays(), kept, strict=True):
                array[...] = before


@lie("frozen-lstm", "Trains no weight of the LSTM.", "loss", **NUMPY)
class FrozenLstm(Restored):
    def arrays(self):
        return [array for name, array in self.trial.weights.items() if not name.startswith("head")]


@lie("frozen-lstm-later", "Trains no weight of the LSTM after a while.", "timed program", **NUMPY)
class FrozenLstmLater(FrozenLstm):
    patient = True


@lie("frozen-head-later", "Trains no weight of the head after a while.", "timed program", **NUMPY)
class FrozenHead(Restored):
    patient = True

    def arrays(self):
        return [self.trial.weights["head_weight"], self.trial.weights["head_bias"]]


@lie("frozen-biases", "Trains no bias of the LSTM.", "loss", **NUMPY)
class FrozenBiases(Restored):
    def arrays(self):
        return [array for name, array in self.trial.weights.items() if name.startswith("bias")]


@lie("second-moment-stays", "Leaves Adam's second moment as it is after the first step.", "row", **NUMPY)
class SecondStays(Restored):
    def arrays(self):
        return [self.trial.of_table.state["second"]] if self.steps else []


@lie("second-moment-stays-later", "Leaves Adam's second moment as it is after a while.", "timed program", **NUMPY)
class SecondStaysLater(SecondStays):
    patient = True


@lie("other-beta", "Lets Adam's first moment decay by 0.8 and not by 0.9.", "row", **NUMPY)
class OtherBeta(Wrapped):
    def step(self) -> None:
        super().step()
        beta = HYPERPARAMETERS["adam"].beta1
        self.trial.of_table.state["first"] *= 0.8 / beta


@lie("momentum-forgets", "Sets the velocity to zero every third step.", "row", **MOMENTUM)
class Forgets(Wrapped):
    def step(self) -> None:
        super().step()
        if self.steps % 3 == 0:
            self.trial.of_table.state["velocity"][...] = 0


@lie("nesterov-for-momentum", "Looks ahead, as Nesterov's momentum does.", "row", **MOMENTUM)
class Nesterov(Wrapped):
    def step(self) -> None:
        trial, told = self.trial, HYPERPARAMETERS["momentum"]
        before, velocity = trial.table.copy(), trial.of_table.state["velocity"].copy()
        super().step()
        now = trial.of_table.state["velocity"]
        trial.table[...] = before - told.rate * (told.momentum * now + now - told.momentum * velocity)


@lie("coupled-decay", "Adds the decay to the gradient, where AdamW takes it off the weights.",
     "row|decay", **ADAMW)  # fmt: skip
class Coupled(Gradient):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.trial.of_table.name = "adam"

    def changed(self, rows, sums):
        return sums + HYPERPARAMETERS["adamw"].decay * self.trial.table[rows]


@lie("epsilon-elsewhere", "Adds Adam's epsilon to the root that is not corrected.", "row", **NUMPY)
class Epsilon(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.trial.of_table.epsilon = "uncorrected"


@lie("corrects-per-row", "Counts steps for each row by itself, for Adam's correction of the moments.", "row", **LAZY)
class PerRow(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.counts = np.zeros(setting.case.vocab, np.int64)
        self.trial.train = self.train

    def train(self, rows: np.ndarray, sums: np.ndarray) -> None:
        trial = self.trial
        for count in np.unique(self.counts[rows]):
            of_count = self.counts[rows] == count
            chosen = rows[of_count]
            small = Optimizer(trial.case.optimizer, step=int(count))
            small.state = {name: state[chosen] for name, state in trial.of_table.state.items()}
            values = trial.table[chosen]
            small.update(values, sums[of_count])
            trial.table[chosen] = values
            for name, state in trial.of_table.state.items():
                state[chosen] = small.state[name]
        self.counts[rows] += 1


@lie("corrects-no-moment", "Leaves out Adam's correction of the moments.", "row", **NUMPY)
class Uncorrected(Wrapped):
    def step(self) -> None:
        self.trial.of_table.step = 10_000
        super().step()


@lie("counts-on-later", "Counts two steps for one after a while, for Adam's correction.", "timed program",
     **NUMPY)  # fmt: skip
class CountsTwo(Wrapped):
    def step(self) -> None:
        if self.late:
            self.trial.of_table.step += 1
        super().step()
