"""A PyTorch trial's table stepped alone."""

from typing import Any

import numpy as np
import torch

from embbench.cases.capabilities import WOKEN, Operation, TablePrograms
from embbench.cases.workload import row_gradient
from embbench.engines.torch.tables import CompactTable


def table_programs(trial: Any) -> TablePrograms:
    """trial: a TorchTrial. Its optimizers skip the weights of the network, which have no gradient here."""
    for optimizer in trial.optimizers:
        optimizer.zero_grad()
    flow = torch.from_numpy(row_gradient(trial.case)).to(trial.device)
    held: dict[str, torch.Tensor] = {}
    whole = _programs(trial, trial.ids, flow, held)
    one = _programs(trial, trial.ids[:, :1, :1], flow[:1, :1], held)
    return whole._replace(one_token=one, operations=_operations(trial, flow))


def _programs(trial: Any, ids: torch.Tensor, flow: torch.Tensor, held: dict[str, torch.Tensor]) -> TablePrograms:
    """ids: (batches, B, S). flow: (B, S, D), the gradient by their rows. held: results of a pass, shared by all
    programs: a living graph keeps the previous shape of a compact table's rows.
    """
    table = trial.table
    own = {id(each) for each in table.parameters()}
    stepping = [
        (update, [each for group in optimizer.param_groups for each in group["params"] if id(each) in own])
        for optimizer, update in zip(trial.optimizers, trial.updates, strict=True)
    ]
    updates = [update for update, stepped in stepping if stepped]
    stepped = [each for _, found in stepping for each in found]
    trains = trial.case.table != "frozen"

    def look_up(batch: int) -> None:
        held.clear()
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


def _operations(trial: Any, flow: torch.Tensor) -> dict[str, Operation]:
    """The operations of a compact table, and of a sparse gradient, whose `coalesce` finds the ids and sums."""
    ids = trial.ids
    held: dict[str, torch.Tensor] = {}
    rows = flow.reshape(-1, flow.shape[-1])

    def index(batch: int) -> None:
        held["index"], held["places"] = torch.unique(ids[batch], return_inverse=True)

    def sum_places(batch: int) -> None:
        count = len(held["index"])
        held["sum"] = torch.ops.aten.embedding_dense_backward(flow, held["places"], count, -1, False)

    def coalesce(batch: int) -> None:
        gradient = torch.sparse_coo_tensor(ids[batch].view(1, -1), rows, (trial.case.vocab, rows.shape[1]))
        held["sum"] = gradient.coalesce().values()

    def found(name: str) -> Operation:
        runs = {"index": index, "sum": coalesce if trial.case.update == "sparse" else sum_places}
        return Operation(runs[name], lambda: held[name].cpu().numpy())

    if isinstance(trial.table, CompactTable):
        return {name: found(name) for name in ("index", "sum")}
    return {"sum": found("sum")} if trial.case.update == "sparse" and trial.case.table == "trainable" else {}
