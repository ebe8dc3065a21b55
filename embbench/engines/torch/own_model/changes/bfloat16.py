"""Tables in bfloat16: half of the bytes, with the rest of the model in its own type."""

from collections.abc import Mapping

import torch

from embbench.engines.own_edit import Edit
from embbench.engines.torch.own_model.apart import lookup_modules
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "tables in bfloat16"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    lines = []
    for name, each in lookup_modules(program, tables).items():
        kind = each.weight.dtype
        each.weight.data = each.weight.data.bfloat16()
        each.register_forward_hook(lambda module, given, rows, kind=kind: rows.to(kind))
        lines += [
            f'table = {{model}}.get_submodule("{name}")',
            "table.weight.data = table.weight.data.bfloat16()",
            f"table.register_forward_hook(lambda module, given, rows: rows.to({kind}))",
        ]
    return Edit(lines=lines)
