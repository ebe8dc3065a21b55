"""Changes of a user's own PyTorch step, each held to the unmodified step."""

import numpy as np
import torch

from embbench.cases.contender import Unsupported
from embbench.cases.found_change import FoundChange, Training
from embbench.cases.found_table import FoundTable
from embbench.engines.model_file import changes_of
from embbench.engines.own_models import SEED, Builder
from embbench.engines.own_twin import STEPS, Trained, compare
from embbench.engines.torch.own_model.change import OwnChange, change_named
from embbench.engines.torch.own_model.program import TorchProgram
from embbench.engines.torch.own_model.tables import find_tables
from embbench.errors import shortened

LONGEST = 200  # characters of PyTorch's exception
DIFFERS = "two runs of your own step differ, so no change can be held to them: give all random numbers a seed"


def try_changes(builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...]) -> tuple[FoundChange, ...]:
    """Every change, on the smallest model that shows it. tables: of the user's model, the largest first."""
    own, again = (train(TorchProgram(builder.small(vocab), builder.name)) for _ in range(2))
    repeats = compare(own, again).same
    return tuple(_tried(builder, vocab, tables, own, repeats, name) for name in changes_of("torch"))


def train(program: TorchProgram) -> Trained:
    """Makes a few steps, with equal random numbers in every call."""
    before = _weights(program)
    for number in range(STEPS):
        torch.manual_seed(SEED + number)
        program.step_on(number)
    return Trained(before, _weights(program))


def _tried(
    builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...], own: Trained, repeats: bool, name: str
) -> FoundChange:
    change = change_named(name)
    try:
        program = _changed(builder, vocab, tables, change)
        twin = compare(own, train(program))
    except Unsupported as error:
        return _found(name, change, "refused", why=str(error))
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:  # of PyTorch, which is quoted
        return _found(name, change, "refused", why=f"PyTorch: {shortened(str(error).splitlines()[0], LONGEST)}")
    if not repeats:
        return _found(name, change, "unknown", why=DIFFERS)
    if twin.same:
        return _found(name, change, "same", twin.difference, twin.identical)
    return _found(name, change, "other", twin.difference, why=_what_differs(program, builder, tables, twin.off))


def _changed(builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...], change: OwnChange) -> TorchProgram:
    program = TorchProgram(builder.small(vocab), builder.name)
    weights = dict(program.model.named_parameters())
    change.apply(program, {each.name: weights[each.name] for each in tables if each.name in weights and each.lookups})
    return program


def _what_differs(program: TorchProgram, builder: Builder, tables: tuple[FoundTable, ...], off: str) -> str:
    """The classes of the tables that are not the user's; else the weight that differs most."""
    own = {each.name: each.semantic for each in tables}
    now = {each.name: each.semantic for each in find_tables(program, builder.folder)[0]}
    others = [f"{name} is {now[name]} instead of {own[name]}" for name in own if now.get(name, own[name]) != own[name]]
    return ", ".join(others) or f"{off} moves otherwise"


def _weights(program: TorchProgram) -> dict[str, np.ndarray]:
    return {
        name: (each.float() if each.dtype in (torch.bfloat16, torch.float16) else each).detach().cpu().numpy().copy()
        for name, each in program.model.named_parameters()
    }


def _found(
    name: str,
    change: OwnChange,
    training: Training,
    difference: float | None = None,
    identical: bool = False,
    why: str = "",
) -> FoundChange:
    summary = change.SUMMARY
    return FoundChange(
        name=name, summary=summary, training=training, difference=difference, identical=identical, why=why
    )
