"""A table of the rows that are in the data: ids become places in it."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from embbench.cases.contender import Unsupported
from embbench.engines.own_changes import MOST_IN_DATA
from embbench.engines.own_edit import MORE, Edit
from embbench.engines.torch.own_model.apart import plain_modules
from embbench.engines.torch.own_model.data_rows import read_data, rows_in_data
from embbench.engines.torch.own_model.program import TorchProgram

SUMMARY = "only the rows that are in the data"


def apply(program: TorchProgram, tables: Mapping[str, torch.nn.Parameter]) -> Edit:
    """See `change.OwnChange`. The first lookup shows which part of a batch has the ids."""
    modules = plain_modules(program, tables)
    read_data(program)
    for name, each in modules.items():
        if sum(getattr(other, "weight", None) is each.weight for other in program.model.modules()) > 1:
            raise Unsupported("another layer has the same weights")
        each.register_forward_pre_hook(FewerRows(program, name))
    _check_gain(program)
    return MORE


def _check_gain(program: TorchProgram) -> None:
    """Has a step check that a table has fewer rows."""

    def around(own: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def step(batch: Any) -> Any:
            result = own(batch)
            if not program.fewer:
                raise Unsupported(f"more than {100 * MOST_IN_DATA:.0f} % of the rows are in the data")
            return result

        return step

    program.put_around(around)


class FewerRows:
    """A hook before a lookup."""

    def __init__(self, program: TorchProgram, name: str) -> None:
        self._program, self._name = program, name
        self._places: torch.Tensor | None = None  # (V,) place of each row; -1 for rows that are not in the data

    def __call__(self, module: nn.Embedding, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        ids, *others = given
        if self._places is None:
            self._places = self._shrink(module, ids)
        places = self._places[ids]
        if not places.is_cuda and bool((places < 0).any()):  # on a GPU, the check would wait for the GPU
            raise Unsupported("a step looks up rows that are not in the data")
        return places, *others

    def _shrink(self, module: nn.Embedding, ids: torch.Tensor) -> torch.Tensor:
        """Keeps the rows that are in the data. Raises Unsupported where these rows are unknown."""
        found = rows_in_data(self._program, self._program.number, torch.unique(ids).cpu().numpy())
        count = len(module.weight)
        if found is None:
            raise Unsupported("the batches have no end, or ids that no tensor of a batch has: the data is unknown")
        if len(found) > MOST_IN_DATA * count:
            return torch.arange(count, device=module.weight.device)
        rows = torch.from_numpy(found).to(module.weight.device)
        for optimizer in self._program.optimizers:
            state = getattr(optimizer, "state", {}).get(module.weight, {})  # Adagrad has its sums before the first step
            for each, value in state.items():
                if isinstance(value, torch.Tensor) and value.shape == module.weight.shape:
                    state[each] = value[rows]
        module.weight.data = module.weight.data[rows]
        places = torch.full((count,), -1, dtype=torch.long, device=rows.device)
        places[rows] = torch.arange(len(rows), device=rows.device)
        if module.padding_idx is not None:
            place = int(places[module.padding_idx])
            module.padding_idx = place if place >= 0 else None
        module.num_embeddings = len(rows)
        self._program.fewer[f"{self._name}.weight"] = found
        return places
