"""Without a term of the loss that reads all rows and adds nothing: with a weight of 0, a single row gives it too."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from embbench.cases.contender import Unsupported
from embbench.engines.own_edit import MORE, Edit
from embbench.engines.torch.own_model.operations import PENALTIES
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "without the term of weight 0 that reads all rows"
ONLY_SAME = "what reads every row changes the training"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`. The user removes the term, which `because` of the table names."""

    def around(own: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def step(batch: Any) -> Any:
            with FirstRow(tables) as mode:
                result = own(batch)
            if not mode.replaced:
                raise Unsupported("no term of the loss reads every row")
            return result

        return step

    program.put_around(around)
    return MORE


class FirstRow(TorchFunctionMode):
    """Operations of penalties get the first row of a table, without a gradient. replaced: whether there were any."""

    def __init__(self, tables: Mapping[str, torch.nn.Parameter]) -> None:
        super().__init__()
        self._tables = {id(each) for each in tables.values()}
        self.replaced = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "").strip("_")
        if (
            (name in PENALTIES or name.endswith("norm"))
            and torch.is_grad_enabled()
            and any(id(each) in self._tables for each in args)
        ):
            self.replaced = True
            args = tuple(each.detach()[:1] if id(each) in self._tables else each for each in args)
        return func(*args, **(kwargs or {}))
