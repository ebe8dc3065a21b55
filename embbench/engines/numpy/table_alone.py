"""The NumPy contender's table stepped alone."""

from typing import Any

import numpy as np

from embbench.cases.capabilities import Operation, TablePrograms
from embbench.cases.workload import row_gradient


def table_programs(trial: Any) -> TablePrograms:
    """trial: a NumpyTrial."""
    flow = row_gradient(trial.case)[..., trial.fixed.shape[1] :]
    one = _programs(trial, trial.ids[:, :1, :1], flow[:1, :1])
    operations = _operations(trial.ids, flow) if trial.case.table == "trainable" else {}
    return _programs(trial, trial.ids, flow)._replace(one_token=one, operations=operations)


def _programs(trial: Any, ids: np.ndarray, flow: np.ndarray) -> TablePrograms:
    """ids: (batches, B, S). flow: (B, S, trained columns), the gradient by their rows."""
    held: dict[str, np.ndarray] = {}

    def look_up(batch: int) -> None:
        held["ids"] = ids[batch]
        held["rows"] = trial.look_up(held["ids"])

    def find_gradient() -> None:
        trial.sum_rows(held["ids"], flow)

    trains = bool(trial.table.size)
    update = trial.update_table if trains else None
    return TablePrograms(look_up, find_gradient if trains else None, update, lambda: held["rows"])


def _operations(ids: np.ndarray, flow: np.ndarray) -> dict[str, Operation]:
    """Both operations are the same as in the gradient."""
    held: dict[str, np.ndarray] = {}

    def index(batch: int) -> None:
        held["index"], held["places"] = np.unique(ids[batch], return_inverse=True)

    def sum_places(batch: int) -> None:
        held["sum"] = np.zeros((len(held["index"]), flow.shape[-1]), flow.dtype)
        np.add.at(held["sum"], held["places"].reshape(ids[batch].shape), flow)

    return {"index": Operation(index, lambda: held["index"]), "sum": Operation(sum_places, lambda: held["sum"])}
