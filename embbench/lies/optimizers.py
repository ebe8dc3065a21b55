"""Lies in the table's optimizer, in the NumPy contender, whose internals can be changed."""

from typing import Any

import numpy as np

from embbench.cases.workload import HYPERPARAMETERS
from embbench.lies import PATIENCE, Setting, lie
from embbench.lies.wrapping import Wrapped
from embbench.oracle.optimizers import Optimizer

NUMPY: dict[str, Any] = {"only": ("numpy",)}
SGD: dict[str, Any] = {**NUMPY, "axes": {"optimizer": "sgd"}}
MOMENTUM: dict[str, Any] = {**NUMPY, "axes": {"optimizer": "momentum"}}
ADAMW: dict[str, Any] = {**NUMPY, "axes": {"optimizer": "adamw"}}
ADAGRAD: dict[str, Any] = {**NUMPY, "axes": {"optimizer": "adagrad"}}
LAZY: dict[str, Any] = {**NUMPY, "axes": {"update": "sparse"}}


class Gradient(Wrapped):
    """Changes the summed gradient of the batch's rows before the table's optimizer."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        train = self.trial.train
        self.trial.train = lambda rows, sums: train(rows, self.changed(rows, sums).astype(sums.dtype))

    def changed(self, rows: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """The changed gradient, in the shape of `sums`, (len(rows), D)."""
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
class NoisyGradient(Gradient):
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
        _, _, flow, _ = trial.network(trial.weights, trial.read_rows(ids), labels)
        places = ids.ravel()
        self.last = {int(row): flow.reshape(len(places), -1)[place] for place, row in enumerate(places)}
        super().step()

    def changed(self, rows, sums):
        return np.array([self.last[int(row)] for row in rows])


@lie("second-moment-stays", "Leaves Adam's second moment as it is after the first step.", "row", **NUMPY)
class SecondStays(Wrapped):
    from_step = 1

    def step(self) -> None:
        state = self.trial.of_table.state["second"]
        kept = state.copy()
        super().step()
        if self.steps > self.from_step and (self.setting.timed or self.from_step == 1):
            state[...] = kept


@lie("second-moment-stays-later", "Leaves Adam's second moment as it is after a while.", "timed program", **NUMPY)
class SecondStaysLater(SecondStays):
    from_step = PATIENCE


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
        trial.of_table.step += 1
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


@lie("one-state-a-row", "Keeps one state value a row where each element is to have its own.", "row", **ADAGRAD)
class OneState(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.trial.of_table.parts = 1


@lie("epsilon-under-the-root", "Adds Adagrad's epsilon under the root.", "row", **ADAGRAD)
class EpsilonInside(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.trial.of_table.epsilon = "inside"
