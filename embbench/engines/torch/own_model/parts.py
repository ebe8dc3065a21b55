"""The parts of a user's own PyTorch step, timed inside whole steps: by hooks around what PyTorch's users call."""

import contextlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from embbench.engines.torch.own_model.program import TorchProgram

WARM, STEPS, LONGEST = 2, 10, 3.0  # steps before the first timed step; most timed steps, and their seconds
CLIPPING = ("clip_grad_norm_", "clip_grad_value_")
REST = "forward"  # what no hook sees: the forward pass, and the user's own code


class Timed:
    """spent: part -> seconds of the step so far. A part inside another part counts for the inner part only. wait: until
    the device has done its work.
    """

    def __init__(self, wait: Callable[[], None]) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._wait, self._inside = wait, 0.0

    def run(self, part: str, call: Callable[[], Any]) -> Any:
        self._wait()
        outer, self._inside, begin = self._inside, 0.0, time.perf_counter()
        try:
            return call()
        finally:
            self._wait()
            whole = time.perf_counter() - begin
            self.spent[part] += whole - self._inside
            self._inside = outer + whole

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: self.run(part, lambda: function(*args, **kwargs))


def parts_of(program: TorchProgram, tables: Sequence[torch.nn.Parameter], folder: Path) -> dict[str, list[float]]:
    """Part -> seconds in each of some steps: 'step', REST, 'backward', 'clipping', 'zero_grad', 'update_table',
    'update_rest'. The optimizers update the tables first and then the rest. Makes steps.
    """
    cuda = any(each.is_cuda for each in program.model.parameters())
    timed = Timed(torch.cuda.synchronize if cuda else lambda: None)
    with _hooks(program, tables, folder, timed):
        return in_parts(program.step, timed)


def in_parts(step: Callable[[], None], timed: Timed) -> dict[str, list[float]]:
    """Part -> seconds in each of some steps, whose parts are timed by `timed`."""
    found: dict[str, list[float]] = defaultdict(list)
    until = time.perf_counter() + LONGEST
    for number in range(WARM + STEPS):
        if number > WARM and time.perf_counter() > until:
            break
        timed.spent.clear()
        timed.run(REST, step)
        if number >= WARM:
            found["step"].append(sum(timed.spent.values()))
            for part, seconds in timed.spent.items():
                found[part].append(seconds)
    return dict(found)


@contextlib.contextmanager
def replacing() -> Iterator[Callable[[Any, str, Any], None]]:
    """Gives a function that sets an attribute of an object; what it set is undone."""
    replaced: list[tuple[Any, str, Any]] = []

    def replace(owner: Any, name: str, value: Any) -> None:
        replaced.append((owner, name, vars(owner).get(name)))
        setattr(owner, name, value)

    try:
        yield replace
    finally:
        for owner, name, value in reversed(replaced):
            if value is None:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


@contextlib.contextmanager
def _hooks(program: TorchProgram, tables: Sequence[torch.nn.Parameter], folder: Path, timed: Timed) -> Iterator[None]:
    with replacing() as replace:
        _replace_all(replace, program, tables, folder, timed)
        yield


def _replace_all(
    replace: Callable[[Any, str, Any], None],
    program: TorchProgram,
    tables: Sequence[torch.nn.Parameter],
    folder: Path,
    timed: Timed,
) -> None:
    replace(torch.autograd, "backward", timed.around("backward", torch.autograd.backward))
    for name in CLIPPING:
        original = getattr(torch.nn.utils, name)
        owners = [torch.nn.utils, *(each for each in list(sys.modules.values()) if _is_users(each, folder))]
        for owner in owners:
            for known in [known for known, value in vars(owner).items() if value is original]:
                replace(owner, known, timed.around("clipping", original))
    for each in (program.model, *program.optimizers):
        replace(each, "zero_grad", timed.around("zero_grad", each.zero_grad))
    for each in program.optimizers:
        replace(each, "step", _in_two(each, tables, timed))


def _in_two(optimizer: Any, tables: Sequence[torch.nn.Parameter], timed: Timed) -> Callable[..., Any]:
    """The optimizer's step, on the tables and then on the rest. PyTorch's optimizers keep a count for each weight."""
    whole = optimizer.step
    groups = getattr(optimizer, "param_groups", [])
    of_tables = [[each for each in group["params"] if any(each is table for table in tables)] for group in groups]
    if not any(of_tables):
        return timed.around("update_rest", whole)

    def step(*args: Any, **kwargs: Any) -> Any:
        every = [group["params"] for group in groups]
        rest = [[each for each in params if not any(each is table for table in tables)] for params in every]
        for part, chosen in (("update_table", of_tables), ("update_rest", rest)):
            for group, params in zip(groups, chosen, strict=True):
                group["params"] = params
            result = timed.run(part, lambda: whole(*args, **kwargs)) if any(chosen) else None
        for group, params in zip(groups, every, strict=True):
            group["params"] = params
        return result

    return step


def _is_users(module: Any, folder: Path) -> bool:
    file = getattr(module, "__file__", None) or ""
    return file.startswith(str(folder)) and "site-packages" not in file
