"""Tables with an optimizer of their own: for changes that leave the rest of the step as it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from embbench.cases.contender import Unsupported
from embbench.engines.torch.own_model.program import TorchProgram

LookupModule = nn.Embedding | nn.EmbeddingBag
NOTHING = "no nn.Embedding with a dense gradient looks the rows up"


def lookup_modules(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> dict[str, LookupModule]:
    """Name -> module that looks rows of a training table up with a dense gradient. Raises Unsupported without any, and
    in the first step where the step calls none of them.
    """
    modules = {
        name: each
        for name, each in program.model.named_modules()
        if isinstance(each, LookupModule)
        and each.weight.requires_grad
        and not each.sparse
        and any(each.weight is table for table in tables.values())
    }
    if not modules:
        raise Unsupported(NOTHING)
    _check_calls(program, list(modules.values()))
    return modules


def _check_calls(program: TorchProgram, modules: Sequence[LookupModule]) -> None:
    """Has the first step check that it calls a module: a step may look rows up past the module that has the table."""
    called: list[nn.Module] = []
    hooks = [each.register_forward_pre_hook(lambda module, given: called.append(module)) for each in modules]

    def around(own: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def step(batch: Any) -> Any:
            result = own(batch)
            while hooks:
                hooks.pop().remove()
                if not called:
                    raise Unsupported(NOTHING)
            return result

        return step

    program.put_around(around)


def plain_modules(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> dict[str, nn.Embedding]:
    """The same without bags, and without modules that change rows at a lookup. Raises Unsupported."""
    modules = {
        name: each
        for name, each in lookup_modules(program, tables).items()
        if isinstance(each, nn.Embedding) and each.max_norm is None and not each.scale_grad_by_freq
    }
    if not modules:
        raise Unsupported("no plain nn.Embedding looks the rows up")
    return modules


def group_of(program: TorchProgram, weight: torch.nn.Parameter) -> tuple[Any, dict[str, Any]]:
    """(the optimizer of a weight, its group). Raises Unsupported where no optimizer has the weight."""
    for optimizer in program.optimizers:
        for group in optimizer.param_groups:
            if any(weight is each for each in group["params"]):
                return optimizer, group
    raise Unsupported("no optimizer has the table")


def take_out(group: dict[str, Any], weight: torch.nn.Parameter) -> None:
    """Removes a weight from a group."""
    group["params"] = [each for each in group["params"] if each is not weight]


def lines_apart(program: TorchProgram, names: Sequence[str], optimizer: str) -> list[str]:
    """The lines by which a user gives tables an optimizer of their own. names: of modules. optimizer: a call with the
    parameters `tables`. Call it before the program changes. [] for a program with several optimizers, where it is
    unknown which of them a user means, and for a whole step, which steps the optimizer that it has now.
    """
    if len(program.optimizers) != 1 or program.whole:
        return []
    tables = ", ".join(f"{each}.weight" for each in _submodules(names))
    return [
        f"tables = [{tables}]",
        "for group in {optimizer}.param_groups:",
        '    group["params"] = [each for each in group["params"] if all(each is not table for table in tables)]',
        f"{{optimizer}} = [{{optimizer}}, {optimizer}]",
    ]


def modules_text(names: Iterable[str]) -> str:
    """Modules as a user writes them in a list."""
    return ", ".join(_submodules(names))


def _submodules(names: Iterable[str]) -> list[str]:
    return [f'{{model}}.get_submodule("{name}")' for name in names]
