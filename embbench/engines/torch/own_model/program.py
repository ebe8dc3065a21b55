"""The step of a user's own PyTorch model, from what the user's function returns."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from embbench.engines.own_batches import take_batches
from embbench.errors import UsageError

RETURNS = "model, optimizer, loss, batches"


class TorchProgram:
    """A user's training step. optimizers: with `step` and `zero_grad`; none where the user's step does without.
    batches: staged, which steps use in a cycle. rest: the batches after them; None where they have no end. number: of
    the batch of the last step. whole: whether the user's function makes the whole step. fewer: name of a weight that
    has fewer rows than the user's -> the kept rows. notes: what a reader of its figures should know.
    """

    def __init__(self, built: Any, name: str) -> None:
        """built: what the user's function returned. name: of the function. Raises UsageError for anything that is not
        (model, optimizer, loss, batches).
        """
        if not isinstance(built, tuple | list) or len(built) != 4:
            told = f"{len(built)} values" if isinstance(built, tuple | list) else type(built).__name__
            raise UsageError(f"{name} returned {told}; return {RETURNS}")
        model, optimizer, loss, batches = built
        self.notes: list[str] = []
        self.model = self._uncompiled(_checked_model(model, name))
        self.optimizers = _checked_optimizers(optimizer, name)
        self._optimizer = optimizer
        self.whole = False
        self._step = self._chosen(loss, name)
        self.batches, self.rest = take_batches(batches, name)
        self.fewer: dict[str, np.ndarray] = {}
        self.made = self.number = 0

    def step(self) -> None:
        """A step on the next batch."""
        self.step_on(self.made)

    def step_on(self, number: int) -> None:
        """A step on batch `number`, in a cycle."""
        self.number = number % len(self.batches)
        self._step(self.batches[self.number])
        self.made += 1

    def put_around(self, wrapped: Callable[[Callable[[Any], Any]], Callable[[Any], Any]]) -> None:
        """Replaces the step on a batch by `wrapped` of it."""
        self._step = wrapped(self._step)

    def add_optimizer(self, optimizer: Any) -> None:
        """Adds an optimizer. A whole step of the user's gets all optimizers as one."""
        self.optimizers = (*self.optimizers, optimizer)
        self._optimizer = Several(self.optimizers)

    def _uncompiled(self, model: nn.Module) -> nn.Module:
        """The model without torch.compile, which hides the operators; also of its parts."""
        original = getattr(model, "_orig_mod", model)
        compiled = original is not model
        for each in list(original.modules()):
            if getattr(each, "_compiled_call_impl", None) is not None:  # by Module.compile()
                each._compiled_call_impl, compiled = None, True
            for name, part in list(each.named_children()):
                if hasattr(part, "_orig_mod"):
                    setattr(each, name, part._orig_mod)
                    compiled = True
        if compiled:
            self.notes.append("the model is compiled: all figures are of the model without torch.compile")
        return original

    def _chosen(self, loss: Any, name: str) -> Callable[[Any], Any]:
        """The step on a batch: the user's whole step, or the usual step around the user's loss."""
        if not callable(loss):
            raise UsageError(f"{name} returned {type(loss).__name__} as loss; return a function loss(model, batch)")
        loss = getattr(loss, "_torchdynamo_orig_callable", loss)  # of a compiled function
        if isinstance(loss, nn.Module) or (getattr(loss, "__module__", None) or "").startswith("torch."):
            return self._usual(lambda batch: loss(self.model(*_inputs(batch, name)), batch[-1]))
        match _required(loss):
            case 2:
                return self._usual(lambda batch: loss(self.model, batch))
            case 3:
                self.whole = True
                return lambda batch: loss(self.model, self._optimizer, batch)
            case count:
                raise UsageError(
                    f"the loss of {name} has {count} parameters; write loss(model, batch), or a whole step as "
                    "step(model, optimizer, batch)"
                )

    def _usual(self, loss: Callable[[Any], torch.Tensor]) -> Callable[[Any], None]:
        if not self.optimizers:
            raise UsageError("without an optimizer, return a whole step as step(model, optimizer, batch)")

        def step(batch: Any) -> None:
            for each in self.optimizers:
                each.zero_grad()
            loss(batch).backward()
            for each in self.optimizers:
                each.step()

        return step


class Several:
    """Several optimizers as one, for a user's own step."""

    def __init__(self, optimizers: Sequence[Any]) -> None:
        self._optimizers = optimizers

    @property
    def param_groups(self) -> list[Any]:
        return [group for each in self._optimizers for group in each.param_groups]

    def step(self) -> None:
        for each in self._optimizers:
            each.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        for each in self._optimizers:
            each.zero_grad(set_to_none=set_to_none)


def _checked_model(model: Any, name: str) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise UsageError(f"{name} returned {type(model).__name__} as model; return a torch.nn.Module")
    for kind in ("DistributedDataParallel", "FullyShardedDataParallel", "DataParallel"):
        if any(type(each).__name__ == kind for each in model.modules()):
            raise UsageError(f"the model is wrapped in {kind}; return the model itself, which one process can train")
    return model


def _checked_optimizers(optimizer: Any, name: str) -> tuple[Any, ...]:
    """The optimizers: a single optimizer, several of them in a list, or None."""
    found = tuple(optimizer) if isinstance(optimizer, tuple | list) else () if optimizer is None else (optimizer,)
    for each in found:
        if not all(callable(getattr(each, method, None)) for method in ("step", "zero_grad")):
            raise UsageError(
                f"{name} returned {type(each).__name__} as optimizer; return an object with step and zero_grad"
            )
    return found


def _required(function: Callable[..., Any]) -> int:
    """The number of positional parameters without a default."""
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    told = inspect.signature(function).parameters.values()
    return sum(each.kind in places and each.default is inspect.Parameter.empty for each in told)


def _inputs(batch: Any, name: str) -> Sequence[Any]:
    if not isinstance(batch, tuple | list) or len(batch) < 2:
        raise UsageError(f"{name} returned a loss of output and target, so a batch must be a tuple (inputs, target)")
    return batch[:-1]
