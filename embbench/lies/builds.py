"""Lies about what was built: a cheaper program than the case's."""

from collections.abc import Callable

import numpy as np

from embbench.cases.contender import Skip, Trial
from embbench.cases.semantics import moves_others
from embbench.cases.update_path import Path
from embbench.lies import Setting, lie
from embbench.lies.wrapping import Wrapped


@lie("one-layer-of-two", "Leaves the second LSTM layer out.", "loss|row|state", axes={"layers": 2})
def one_layer(setting: Setting) -> Trial:
    return setting.trial(layers=1)


@lie("half-of-the-units", "Runs an LSTM of half the units.", "loss")
def half_units(setting: Setting) -> Trial:
    return setting.trial(hidden=max(1, setting.case.hidden // 2))


@lie(
    "single-precision-for-double",
    "Computes in float32 where float64 is asked for.",
    "row|loss",
    axes={"dtype": "float64"},
)
class Single(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, setting.trial(dtype="float32"))

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        return self.trial.read_rows(ids).astype(np.float64)

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        self.trial.write_rows(ids, values.astype(np.float32))


@lie("sgd-for-momentum", "Steps by SGD where momentum is asked for.", "row|loss|state", axes={"optimizer": "momentum"})
def sgd_for_momentum(setting: Setting) -> Trial:
    return setting.trial(optimizer="sgd")


@lie("sgd-for-adam", "Steps by SGD where Adam is asked for.", "row|loss")
def sgd_for_adam(setting: Setting) -> Trial:
    return setting.trial(optimizer="sgd")


@lie(
    "adam-for-adamw",
    "Steps by Adam where AdamW is asked for: nothing decays.",
    "row|decay",
    axes={"optimizer": "adamw"},
)
def adam_for_adamw(setting: Setting) -> Trial:
    return setting.trial(optimizer="adam")


@lie("frozen-for-trainable", "Keeps the table frozen.", "row")
def frozen(setting: Setting) -> Trial:
    return setting.trial(table="frozen", update="none")


@lie("trains-a-frozen-table", "Trains the table that is said to be frozen.", "row", axes={"table": "frozen"})
def trains_frozen(setting: Setting) -> Trial:
    return setting.trial(table="trainable", update="default")


@lie("hybrid-for-trainable", "Trains a small part of the table's columns.", "row")
def hybrid(setting: Setting) -> Trial:
    return setting.trial(table="hybrid")


@lie("lazy-calls-itself-dense", "Leaves rows outside the batch alone where all rows are to move.", "row|loss")
def lazy_for_dense(setting: Setting) -> Trial:
    return setting.trial(update=_update(setting, lambda semantic: semantic == "lazy"))


@lie(
    "dense-calls-itself-lazy",
    "Moves all rows where only those of the batch are to move.",
    "row|loss",
    axes={"update": "sparse"},
)
def dense_for_lazy(setting: Setting) -> Trial:
    return setting.trial(update=_update(setting, moves_others))


def _update(setting: Setting, wanted: Callable[[str], bool]) -> str:
    """The contender's first update with a wanted class. Raises Skip without such an update."""
    for name, paths in setting.declaration.updates.items():
        path = paths.get(setting.case.optimizer) if isinstance(paths, dict) else None
        if (
            isinstance(path, Path)
            and wanted(path.semantic)
            and (not path.devices or setting.case.device in path.devices)
        ):
            return name
    raise Skip("the contender has no update of the other class")
