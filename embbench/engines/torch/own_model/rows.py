"""Rows that no batch looks up, added to a table in place before the first step."""

import torch
from torch import nn

from embbench.cases.contender import Unsupported


def add_rows(model: nn.Module, table: torch.nn.Parameter, rows: int) -> None:
    """Makes a table have `rows` rows. Optimizers keep the Parameter, whose data is replaced; an output layer that
    shares the table gets the rows too. Raises Unsupported for fewer rows than the table has.
    """
    there = len(table)
    if rows < there:
        raise Unsupported(f"the model's largest table has {there} rows, and rows can only be added")
    if rows == there:
        return
    mean, deviation = float(table.mean()), float(table.std())
    added = torch.empty((rows - there, table.shape[1]), dtype=table.dtype, device=table.device)
    table.data = torch.cat([table.data, added.normal_(mean, deviation)])
    for module in model.modules():
        if getattr(module, "weight", None) is not table:
            continue
        if isinstance(module, nn.Embedding | nn.EmbeddingBag):
            module.num_embeddings = rows
        elif isinstance(module, nn.Linear):
            module.out_features = rows
            if module.bias is not None:
                module.bias.data = torch.cat([module.bias.data, module.bias.data.new_zeros(rows - there)])
