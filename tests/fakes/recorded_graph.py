"""A made-up CUDA graph on the CPU. Like a real one it records operators without running them, repeats them on the same
memory with the numbers they were called with, and refuses to hand a result to the host while it records.
"""

import contextlib
import importlib
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

POOL = (0, 7)
HOST = "aten::_local_scalar_dense"  # what .item() calls


class Call(NamedTuple):
    grad: bool  # whether gradients were enabled: kernels keep more for a backward pass
    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    results: Any


class Recorder(TorchDispatchMode):
    """Runs the operators, to have their results' shapes, and undoes at the end what they wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.before: list[tuple[torch.Tensor, torch.Tensor]] = []

    def __torch_dispatch__(self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if function._schema.name == HOST:
            raise RuntimeError("operation not permitted when stream is capturing")
        for place, told in enumerate(function._schema.arguments):
            if told.alias_info is not None and told.alias_info.is_write:
                given = kwargs.get(told.name) if place >= len(args) else args[place]
                self.before += [(each, each.clone()) for each in tensors(given)]
        results = function(*args, **kwargs)
        self.calls.append(Call(torch.is_grad_enabled(), function, args, kwargs, results))
        return results

    def undo(self) -> None:
        for tensor, old in reversed(self.before):
            tensor.copy_(old)
        self.before.clear()


class RecordedGraph:
    def __init__(self) -> None:
        self.calls: list[Call] = []

    def pool(self) -> tuple[int, int]:
        return POOL

    def replay(self) -> None:
        with torch._C._AutoDispatchBelowAutograd():  # kernels alone
            for grad, function, args, kwargs, results in self.calls:
                with torch.set_grad_enabled(grad):
                    again = function(*args, **kwargs)
                for kept, new in zip(tensors(results), tensors(again), strict=True):
                    if kept.data_ptr() != new.data_ptr():  # else a view, or written in place
                        kept.copy_(new)


@contextlib.contextmanager
def record(graph: RecordedGraph, stream: object) -> Any:
    with Recorder() as recorder:
        yield
    with torch.no_grad():
        recorder.undo()
    graph.calls = recorder.calls


class Stream:
    def wait_stream(self, other: object) -> None:
        pass


def tensors(results: Any) -> list[torch.Tensor]:
    return [each for each in tree_leaves(results) if isinstance(each, torch.Tensor)]


def install() -> None:
    """Puts the made-up graph in the place of PyTorch's, for the rest of the process."""
    torch.cuda.CUDAGraph = RecordedGraph
    torch.cuda.graph = record
    torch.cuda.Stream = Stream
    torch.cuda.current_stream = Stream
    torch.cuda.stream = lambda stream: contextlib.nullcontext()
    torch.cuda.memory_snapshot = list  # no segments
    of_adam = importlib.import_module("torch.optim.adam")  # torch.optim.adam is a function by then
    of_adam._get_capturable_supported_devices = lambda supports_xla=True: ["cpu"]
    for name in ("adam", "sgd"):  # AdamW is Adam's
        of_optimizer = importlib.import_module(f"torch.optim.{name}")
        of_optimizer._default_to_fused_or_foreach = lambda *args, **kwargs: (False, True)  # as on a GPU
