"""A PyTorch trial's table stepped by itself."""

from typing import Any

import numpy as np
import torch

from embbench.spec.capabilities import WOKEN, TablePrograms
from embbench.spec.workload import row_gradient


def table_programs(trial: Any) -> TablePrograms:
    """trial: a TorchTrial. Its optimizers pass over the weights of the network, which have no gradient here."""
    table, ids = trial.table, trial.ids
    own = list(table.parameters())
    of_table = {id(each) for each in own}
    stepping = [
        (update, [each for group in optimizer.param_groups for each in group["params"] if id(each) in of_table])
        for optimizer, update in zip(trial.optimizers, trial.updates, strict=True)
    ]
    updates = [update for update, stepped in stepping if stepped]
    stepped = [each for _, found in stepping for each in found]
    for optimizer in trial.optimizers:
        optimizer.zero_grad()
    flow = torch.from_numpy(row_gradient(trial.case)).to(trial.device)
    trains = trial.case.table != "frozen"
    held: dict[str, torch.Tensor] = {}

    def look_up(batch: int) -> None:
        held.clear()  # a graph that is alive keeps the shape that a compact table's rows had
        with torch.set_grad_enabled(trains):
            held["rows"] = table.look_up(ids[batch])

    def find_gradient() -> None:
        for each in stepped:
            each.grad = None
        held["rows"].backward(flow)

    def update() -> None:
        for each in updates:
            each()
        table.write_back()

    def rows() -> np.ndarray:
        return held["rows"].detach().cpu().numpy()

    scratch = torch.zeros(WOKEN, device=trial.device)
    last = update if updates and trains else None
    return TablePrograms(look_up, find_gradient if trains else None, last, rows, lambda: scratch.add_(1.0))
