"""Tables that do not train."""

from collections.abc import Mapping

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.own_edit import Edit
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "table.requires_grad_(False)"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    training = {name: each for name, each in tables.items() if each.requires_grad}
    if not training:
        raise Unsupported("no table trains")
    for each in training.values():
        each.requires_grad_(False)
    return Edit(lines=[f'{{model}}.get_parameter("{name}").requires_grad_(False)' for name in training])
