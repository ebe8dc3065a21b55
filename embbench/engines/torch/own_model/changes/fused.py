"""The optimizer's fused step: one pass over weights, gradient and state instead of several."""

from collections.abc import Mapping

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "the optimizer's fused step: fused=True"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> None:
    """See `change.OwnChange`."""
    groups = [(type(each).__name__, group) for each in program.optimizers for group in each.param_groups]
    able = [group for _, group in groups if "fused" in group and not group["fused"]]
    if not able:
        names = ", ".join(dict.fromkeys(name for name, _ in groups))
        raise Unsupported(f"{names} has no fused step that is off" if names else "the step has no optimizer")
    for group in able:
        group["fused"], group["foreach"] = True, False
