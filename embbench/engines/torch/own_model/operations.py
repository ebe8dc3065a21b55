"""What a step does with each embedding table, seen at the operators: lookups, and operations on all rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from embbench.cases.found_table import Use, UseKind
from embbench.engines.own_rows import Lookup, distinct_rows
from embbench.engines.user_file import place_text

# Operators that share memory with their input. What is done with their result is seen at the operator that does it.
VIEWS = {
    "alias", "as_strided", "detach", "expand", "permute", "reshape", "select", "slice", "split", "t", "transpose",
    "unsqueeze", "squeeze", "view", "_unsafe_view", "_reshape_alias", "unbind",
}  # fmt: skip
# Operators that read no value of their input, only its shape and type.
UNREAD = {
    "empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "new_empty", "new_zeros",
    "new_ones", "new_full", "new_empty_strided",
}  # fmt: skip
COPIES = {"_to_copy", "to", "clone"}  # of a weight in another type, as autocast makes them
PRODUCTS = {"mm", "addmm", "bmm", "baddbmm", "matmul", "linear", "mv", "addmv", "dot"}
BAGS = {"_embedding_bag", "_embedding_bag_forward_only"}
# Operators of terms such as (w ** 2).sum(), w.norm(), w.abs().mean().
PENALTIES = {"pow", "square", "norm", "linalg_vector_norm", "abs", "sum", "mean", "mul", "_foreach_norm"}
FARTHEST = 50  # operations between a table and a lookup of its changed rows


class TableWatch(TorchDispatchMode):
    """Collects lookups and uses, by the name of the weight, while it is entered. Backward passes and optimizers are
    left out.

    lookups: name -> in the order of their calls. uses: name -> operations on all rows, while a gradient is recorded.
    turned: names of weights whose columns are looked up: nn.Linear keeps its weight so.
    """

    def __init__(self, weights: Mapping[str, torch.Tensor], folder: Path) -> None:
        """weights: parameters and buffers by name. folder: of the user's code."""
        super().__init__()
        self._names = {
            each.untyped_storage().data_ptr(): name for name, each in weights.items() if each.dim() == 2 and len(each)
        }
        self._by_name = weights
        self._weights = {id(each): name for name, each in weights.items()}
        self._folder = folder
        self.lookups: dict[str, list[Lookup]] = defaultdict(list)
        self.uses: dict[str, list[Use]] = defaultdict(list)
        self.turned: set[str] = set()
        self.read: set[str] = set()  # names of the weights that any operation reads
        self._copies: list[torch.Tensor] = []
        self._before: dict[str, set[str]] = defaultdict(set)  # name -> operations whose results are looked up

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operation = func.overloadpacket.__name__
        forward = torch._C._current_graph_task_id() == -1  # -1: outside a backward pass
        if forward:
            self._see(operation, args)
        result = func(*args, **(kwargs or {}))
        if forward and operation in COPIES and torch.is_grad_enabled() and (name := self._name(args[0])) is not None:
            self._names[result.untyped_storage().data_ptr()] = name
            self._copies.append(result)  # so that no other tensor gets its memory
        return result

    def ids(self, name: str) -> np.ndarray:
        """(U,) distinct rows of a weight that were looked up, sorted."""
        return distinct_rows(self.lookups[name])

    def found_uses(self, name: str) -> tuple[Use, ...]:
        """The distinct uses of a weight."""
        return tuple(
            dict.fromkeys(
                msgspec.structs.replace(each, kind="changed rows") if each.operation in self._before[name] else each
                for each in self.uses[name]
            )
        )

    def _see(self, operation: str, args: Any) -> None:
        looked_up = _lookup(operation, args)
        if looked_up is not None:
            weight, ids, padding = looked_up
            name = self._name(weight) or self._origin(weight)
            if name is not None:
                self.read.add(name)
                rows = torch.unique(ids.detach()).cpu().numpy()
                self.lookups[name].append(Lookup(operation, place_text(self._folder), rows, ids.numel(), padding))
            return
        if operation in VIEWS or operation in UNREAD or operation in COPIES:
            return
        for each in _tensors(args):
            if (name := self._name(each)) is None:
                continue
            self.read.add(name)
            rows = _onehot_rows(operation, args, each)
            if rows is not None:
                if len(each) != len(self._by_name[name]):
                    self.turned.add(name)
                self.lookups[name].append(Lookup(operation, place_text(self._folder), np.unique(rows), len(rows), None))
            if torch.is_grad_enabled() and each.requires_grad:
                kind = _kind(operation) if rows is None else "one-hot product"
                self.uses[name].append(Use(kind=kind, operation=operation, where=place_text(self._folder)))

    def _name(self, weight: torch.Tensor) -> str | None:
        if weight.layout is not torch.strided:  # a sparse gradient
            return None
        return self._names.get(weight.untyped_storage().data_ptr())

    def _origin(self, changed: torch.Tensor) -> str | None:
        """The weight of equal shape from which a tensor was computed; None without, or with several."""
        found, passed = set[str](), set[str]()
        front, seen = [changed.grad_fn], 0
        while front and seen < FARTHEST:
            node = front.pop()
            seen += 1
            if node is None:
                continue
            variable = getattr(node, "variable", None)  # of a node that accumulates the gradient of a leaf
            if variable is not None and variable.shape == changed.shape and id(variable) in self._weights:
                found.add(self._weights[id(variable)])
            passed.add(node.name().lower().partition("backward")[0])
            front += [each for each, _ in node.next_functions]
        if len(found) != 1:
            return None
        name = found.pop()
        self._before[name] |= passed
        return name


def _lookup(operation: str, args: Any) -> tuple[torch.Tensor, torch.Tensor, int | None] | None:
    """(table, ids, row of padding) of an operator that looks rows up; None for another operator."""
    if operation == "embedding":
        padding = args[2] if len(args) > 2 else -1
        return args[0], args[1], None if padding < 0 else padding
    if operation in BAGS:
        padding = args[8] if len(args) > 8 else -1
        return args[0], args[1], None if padding < 0 else padding
    if operation == "gather" and args[0].dim() == 2 and args[1] == 0:
        return args[0], args[2][:, 0], None  # the usual way: a row number for every column
    if operation == "index_select" and args[0].dim() == 2 and args[1] == 0:
        return args[0], args[2], None
    if operation == "index" and args[0].dim() == 2:
        first, *others = args[1]
        if first is not None and not first.is_floating_point() and first.dtype != torch.bool and not any(
            each is not None for each in others
        ):  # fmt: skip
            return args[0], first, None
    return None


def _kind(operation: str) -> UseKind:
    if operation in PRODUCTS:
        return "output layer"
    return "penalty" if operation in PENALTIES else "other"


def _onehot_rows(operation: str, args: Any, table: torch.Tensor) -> np.ndarray | None:
    """(N,) the rows of a product of one-hot vectors, (N, rows), with a table; None for another operation."""
    for each in _tensors(args) if operation in PRODUCTS else ():
        if each is table or each.dim() != 2 or each.shape[1] != len(table) or each.requires_grad or not len(each):
            continue
        if bool((torch.count_nonzero(each, 1) == 1).all() and (each.sum(1) == 1).all()):
            return each.argmax(1).cpu().numpy()
    return None


def _tensors(args: Any) -> Iterator[torch.Tensor]:
    for each in args:
        if isinstance(each, torch.Tensor):
            yield each
        elif isinstance(each, tuple | list):
            yield from _tensors(each)
