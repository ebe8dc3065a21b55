"""Tables that do not train."""

from collections.abc import Mapping

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.torch.own_model.change import Argument
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "table.requires_grad_(False)"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> list[Argument]:
    """See `change.OwnChange`."""
    training = [each for each in tables.values() if each.requires_grad]
    if not training:
        raise Unsupported("no table trains")
    for each in training:
        each.requires_grad_(False)
    return []  # the user calls requires_grad_(False)
