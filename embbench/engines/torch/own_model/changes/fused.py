"""The optimizer's fused step: one pass over weights, gradient and state instead of several."""

from collections.abc import Mapping

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.own_edit import Argument, Edit
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "optimizer(..., fused=True)"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    able = [each for each in program.optimizers if any("fused" in group for group in each.param_groups)]
    able = [each for each in able if not all(group["fused"] for group in each.param_groups)]
    if not able:
        names = ", ".join(dict.fromkeys(type(each).__name__ for each in program.optimizers))
        raise Unsupported(f"{names} has no fused step that is off" if names else "the step has no optimizer")
    for each in able:
        for group in each.param_groups:
            group["fused"], group["foreach"] = True, False
    return Edit([Argument(each, "fused=True") for each in able])
