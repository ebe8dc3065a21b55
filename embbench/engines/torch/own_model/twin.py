"""Changes of a user's own PyTorch step, each held to the unmodified step."""

import numpy as np
import torch
from torch import nn

from embbench.cases.found_change import FoundChange
from embbench.cases.found_table import FoundTable
from embbench.engines.model_file import changes_of
from embbench.engines.own_changes import ChangeAttempt, try_all, what_differs
from embbench.engines.own_edit import diff_of
from embbench.engines.own_models import SEED, Builder, set_seeds
from embbench.engines.own_places import seeing_places
from embbench.engines.own_twin import STEPS, Trained
from embbench.engines.torch.own_model.change import OwnChange, change_named
from embbench.engines.torch.own_model.program import TorchProgram
from embbench.engines.torch.own_model.tables import find_tables

MADE = tuple((kind, "__init__") for kind in (torch.optim.Optimizer, nn.Embedding, nn.EmbeddingBag))


def try_changes(builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...]) -> tuple[FoundChange, ...]:
    """Every change, on the smallest model that shows it. tables: of the user's model, the largest first."""

    def program() -> TorchProgram:
        return TorchProgram(builder.small(vocab), builder.name)

    def attempt(change: OwnChange) -> ChangeAttempt:
        return _attempt(change, builder, vocab, tables)

    changes = {name: change_named(name) for name in changes_of("torch")}
    return try_all("PyTorch", changes, program, train, attempt)


def train(program: TorchProgram, jitter: bool = False) -> Trained:
    """Makes a few steps, with equal random numbers in every call. jitter: first changes each weight in its last
    place, up or down.
    """
    if jitter:
        torch.manual_seed(SEED)
        for each in program.model.parameters():
            far = torch.where(torch.rand_like(each) < 0.5, torch.inf, -torch.inf).to(each.dtype)
            each.data = torch.nextafter(each.data, far)
    before = _weights(program)
    for number in range(STEPS):
        set_seeds(SEED + number)
        program.step_on(number)
    return Trained(before, _weights(program))


def _attempt(change: OwnChange, builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...]) -> ChangeAttempt:
    with seeing_places(builder.folder, MADE) as places:
        program = TorchProgram(builder.small(vocab), builder.name)
    patch = diff_of(change.apply(program, _tables_of(program, tables)), places, builder)
    trained = train(program)

    def differs() -> str:
        return what_differs(tables, find_tables(program, builder.folder).tables)

    return ChangeAttempt(trained, patch, differs, program.fewer)


def _tables_of(program: TorchProgram, tables: tuple[FoundTable, ...]) -> dict[str, torch.nn.Parameter]:
    weights = dict(program.model.named_parameters())
    return {each.name: weights[each.name] for each in tables if each.name in weights and each.lookups}


def _weights(program: TorchProgram) -> dict[str, np.ndarray]:
    return {
        name: (each.float() if each.dtype in (torch.bfloat16, torch.float16) else each).detach().cpu().numpy().copy()
        for name, each in program.model.named_parameters()
    }
