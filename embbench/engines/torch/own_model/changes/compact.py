"""The rows of a batch as a small dense table: a gradient of the table's size never exists."""

from collections.abc import Mapping

import torch

from embbench.engines.torch.own_model.apart import group_of, plain_modules, take_out
from embbench.engines.torch.own_model.change import MORE, Edit
from embbench.engines.torch.own_model.compact_rows import CompactOptimizer
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "the optimizer gets the unique rows of the batch"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    modules = plain_modules(program, tables).values()
    own = [group_of(program, each.weight) for each in modules]
    for each, (optimizer, group) in zip(modules, own, strict=True):
        take_out(group, each.weight)
        program.add_optimizer(CompactOptimizer(each, optimizer, group))
    return MORE
