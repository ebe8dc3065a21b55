"""The parts of a step of Keras on PyTorch, by hooks around what its `train_step` calls."""

from collections.abc import Callable, Container, Sequence
from typing import Any

import torch

from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.torch.own_model.parts import Timed, in_parts, replacing


def parts_of(program: KerasProgram, tables: Container[str]) -> dict[str, list[float]]:
    """See `parts.parts_of`. The optimizer updates the tables first and then the rest."""
    optimizer = program.model.optimizer
    cuda = any(each.value.is_cuda for each in program.model.variables)
    timed = Timed(torch.cuda.synchronize if cuda else lambda: None)
    with replacing() as replace:
        replace(torch.autograd, "backward", timed.around("backward", torch.autograd.backward))
        replace(program.model, "zero_grad", timed.around("zero_grad", program.model.zero_grad))
        replace(optimizer, "_clip_gradients", timed.around("clipping", optimizer._clip_gradients))
        replace(optimizer, "_backend_update_step", _in_two(optimizer._backend_update_step, tables, timed))
        return in_parts(program.step, timed)


def _in_two(whole: Callable[..., None], tables: Container[str], timed: Timed) -> Callable[..., None]:
    """The optimizer's update, on the tables and then on the rest."""

    def update(gradients: Sequence[Any], variables: Sequence[Any], learning_rate: Any) -> None:
        pairs = list(zip(gradients, variables, strict=True))
        for part, of_tables in (("update_table", True), ("update_rest", False)):
            chosen = [pair for pair in pairs if (pair[1].path in tables) == of_tables]
            if chosen:
                each = [gradient for gradient, _ in chosen], [variable for _, variable in chosen]
                timed.run(part, lambda each=each: whole(*each, learning_rate))

    return update
