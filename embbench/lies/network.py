"""Lies in the network and in training besides the table, in the NumPy contender, whose internals can be changed."""

from typing import Any

import numpy as np

from embbench.lies import Setting, lie
from embbench.lies.wrapping import Wrapped

NUMPY: dict[str, Any] = {"only": ("numpy",)}
FROZEN: dict[str, Any] = {**NUMPY, "axes": {"table": "frozen"}}


class Restored(Wrapped):
    """Restores weights whose names begin with one of `names` after each step; if patient, only after a while."""

    names: tuple[str, ...] = ()
    patient = False

    def step(self) -> None:
        if self.patient and not self.late:
            super().step()
            return
        kept = {name: array.copy() for name, array in self.trial.weights.items() if name.startswith(self.names)}
        super().step()
        for name, array in kept.items():
            self.trial.weights[name][...] = array


@lie("frozen-lstm", "Trains no weight of the LSTM.", "loss|row", **NUMPY)
class FrozenLstm(Restored):
    names = ("w_", "bias")


@lie("frozen-lstm-later", "Trains no weight of the LSTM after a while.", "timed program", **NUMPY)
class FrozenLstmLater(FrozenLstm):
    patient = True


@lie("frozen-lstm-beside-a-frozen-table", "Trains no weight of the LSTM after a while.", "timed program", **FROZEN)
class FrozenBoth(FrozenLstmLater):
    pass


@lie("frozen-head-later", "Trains no weight of the head after a while.", "timed program", **NUMPY)
class FrozenHead(Restored):
    names = ("head",)
    patient = True


@lie("frozen-biases", "Trains no bias of the LSTM.", "loss|row", **NUMPY)
class FrozenBiases(Restored):
    names = ("bias",)


@lie("frozen-recurrent-weights-later", "Trains no recurrent weight after a while.", "timed program", **NUMPY)
class FrozenRecurrent(Restored):
    names = ("w_recurrent",)
    patient = True


@lie("frozen-second-layer", "Trains no weight of the second layer.", "timed program|loss|row",
     only=("numpy",), axes={"layers": 2})  # fmt: skip
class FrozenSecond(Restored):
    names = ("w_input1", "w_recurrent1", "bias1")


@lie("decays-the-table-only", "Decays no weight but the table's.", "timed program", only=("numpy",),
     axes={"optimizer": "adamw"})  # fmt: skip
class DecaysTable(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        for optimizer in self.trial.optimizers.values():
            optimizer.name = "adam"


class Rounding(Wrapped):
    """Rounds gradients to fewer bits between the backward pass and the update."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        find = self.trial._find_gradients

        def find_and_round() -> None:
            find()
            self.round()

        self.trial._find_gradients = find_and_round

    def round(self) -> None:
        raise NotImplementedError


@lie("half-precision-weight-gradients", "Rounds the gradients of all weights but the table's to float16.",
     "timed program", **NUMPY)  # fmt: skip
class HalfWeights(Rounding):
    def round(self) -> None:
        trial = self.trial
        trial.gradients = {name: each.astype(np.float16).astype(each.dtype) for name, each in trial.gradients.items()}


@lie("one-gate-at-another-rate", "Moves the recurrent weights of one gate by a hundredth less, after a while.",
     "a gate of w_recurrent0", only=("numpy",), axes={"optimizer": "sgd"})  # fmt: skip
class OneGate(Rounding):
    def round(self) -> None:
        if self.late:
            self.trial.gradients["w_recurrent0"][: self.setting.case.hidden] *= 0.99


@lie("drops-small-gradients", "Drops the smaller half of each gradient, as compressed training does.",
     "timed program|row|loss", **NUMPY)  # fmt: skip
class Compressed(Rounding):
    def round(self) -> None:
        for name, each in self.trial.gradients.items():
            size = np.abs(each)
            self.trial.gradients[name] = np.where(size >= np.median(size), each, 0)


@lie("half-precision-network", "Runs the network on weights and rows in float16.", "timed program|loss|row", **NUMPY)
class HalfNetwork(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        look_up = self.trial.look_up
        self.trial.look_up = lambda ids: look_up(ids).astype(np.float16).astype(setting.case.dtype)

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return self.trial.table[ids]


@lie("stale-lookups", "Looks rows up in a copy of the table, renewed every fourth step.", "timed program", **NUMPY)
class Stale(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.copy = self.trial.table.copy()
        self.trial.look_up = lambda ids: (self.copy if self.late else self.trial.table)[ids]

    def step(self) -> None:
        if self.steps % 4 == 0:
            self.copy = self.trial.table.copy()
        super().step()

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return self.trial.table[ids]


@lie("updates-every-second-step", "Updates every second step by both steps' gradients, after a while.", "timed program",
     **NUMPY)  # fmt: skip
class EverySecond(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.owed: tuple[np.ndarray, np.ndarray] | None = None
        self.update = self.trial.update_table
        self.trial.update_table = self.update_or_wait

    def update_or_wait(self) -> None:
        trial = self.trial
        if not self.late:
            self.update()
        elif self.owed is None:
            self.owed = trial.rows, trial.sums
        else:
            rows = np.union1d(self.owed[0], trial.rows)
            sums = np.zeros((len(rows), trial.sums.shape[1]), trial.sums.dtype)
            for ids, part in (self.owed, (trial.rows, trial.sums)):
                sums[np.searchsorted(rows, ids)] += part
            trial.rows, trial.sums, self.owed = rows, sums, None
            self.update()


@lie("loss-after-the-update", "Gives the loss of the batch after the step and not before.", "loss", **NUMPY)
class LossAfter(Wrapped):
    def step(self) -> None:
        ids, labels = self.batch, self.setting.tokens.labels[self.steps % len(self.setting.tokens.ids)]
        super().step()
        self.trial.last = self.trial.network(self.trial.weights, self.trial.read_rows(ids), labels)[1]
