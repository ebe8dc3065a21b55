"""The rows of a batch as a small dense table: a gradient of the table's size never exists."""

from collections.abc import Mapping
from typing import Any

import torch

from embbench.cases.contender import Unsupported
from embbench.engines.own_edit import Edit
from embbench.engines.torch.own_model.apart import group_of, modules_text, plain_modules
from embbench.engines.torch.own_model.program import TorchProgram
from embbench.engines.torch.own_model.written import new_file
from embbench.engines.torch.own_model.written.compact_rows import compact

SUMMARY = "the optimizer gets the unique rows of the batch"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`."""
    modules = plain_modules(program, tables)
    text = modules_text(modules)
    owners = [group_of(program, each.weight)[0] for each in modules.values()]
    written = len(program.optimizers) == 1 and not program.whole
    for owner in program.optimizers:
        _, *made = compact(owner, [each for each, own in zip(modules.values(), owners, strict=True) if own is owner])
        for each in made:
            each.step = _checked(each.step)
            program.add_optimizer(each)
    return Edit(
        lines=["from compact_rows import compact", f"{{optimizer}} = compact({{optimizer}}, [{text}])"],
        files=[new_file("compact_rows.py")],
        written=written,
    )


def _checked(step: Any) -> Any:
    """The step of a CompactOptimizer that raises Unsupported where the table cannot be stepped so."""

    def checked(closure: Any = None) -> None:
        try:
            step(closure)
        except ValueError as error:
            raise Unsupported(str(error)) from None

    return checked
