"""Changes of a user's own PyTorch step, each held to the unmodified step."""

from collections.abc import Sequence

import numpy as np
import torch

from embbench.cases.contender import Unsupported
from embbench.cases.found_change import FoundChange, Training
from embbench.cases.found_table import FoundTable
from embbench.engines.model_file import changes_of
from embbench.engines.own_models import SEED, Builder
from embbench.engines.own_patch import Insertion, patch_of
from embbench.engines.own_twin import STEPS, Trained, compare
from embbench.engines.torch.own_model.change import Argument, OwnChange, change_named
from embbench.engines.torch.own_model.places import Places, seeing_places
from embbench.engines.torch.own_model.program import TorchProgram
from embbench.engines.torch.own_model.tables import find_tables
from embbench.errors import shortened

LONGEST = 200  # characters of PyTorch's exception
DIFFERS = "two runs of your own step differ, so no change can be held to them: give all random numbers a seed"


def try_changes(builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...]) -> tuple[FoundChange, ...]:
    """Every change, on the smallest model that shows it. tables: of the user's model, the largest first."""
    own, again = (train(TorchProgram(builder.small(vocab), builder.name)) for _ in range(2))
    jittered = train(TorchProgram(builder.small(vocab), builder.name), jitter=True)
    repeats = compare(own, again).same
    return tuple(_tried(builder, vocab, tables, (own, jittered), repeats, name) for name in changes_of("torch"))


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
        torch.manual_seed(SEED + number)
        program.step_on(number)
    return Trained(before, _weights(program))


def _tried(
    builder: Builder,
    vocab: int | None,
    tables: tuple[FoundTable, ...],
    held: tuple[Trained, Trained],
    repeats: bool,
    name: str,
) -> FoundChange:
    """held: the own program, and the own program with jittered weights."""
    own, jittered = held
    change, patch = change_named(name), ""
    try:
        with seeing_places(builder.folder) as places:
            program = TorchProgram(builder.small(vocab), builder.name)
        patch = _patch(change.apply(program, _tables_of(program, tables)), places)
        twin = compare(own, train(program), jittered)
    except Unsupported as error:
        return _found(name, change, "refused", why=str(error))
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:  # of PyTorch, which is quoted
        return _found(name, change, "refused", why=f"PyTorch: {shortened(str(error).splitlines()[0], LONGEST)}")
    if not repeats:
        return _found(name, change, "unknown", patch, why=DIFFERS)
    if twin.same:
        return _found(name, change, "same", patch, twin.difference, twin.identical)
    why = _what_differs(program, builder, tables, twin.off)
    return _found(name, change, "other", patch, twin.difference, why=why)


def _tables_of(program: TorchProgram, tables: tuple[FoundTable, ...]) -> dict[str, torch.nn.Parameter]:
    weights = dict(program.model.named_parameters())
    return {each.name: weights[each.name] for each in tables if each.name in weights and each.lookups}


def _patch(arguments: Sequence[Argument], places: Places) -> str:
    """The lines of the user's files with the arguments; '' without, or where a line is not known."""
    insertions = []
    for each in arguments:
        if (place := places.get(id(each.made))) is None:
            return ""
        insertions.append(Insertion(place.file, place.line, type(each.made).__name__, each.text))
    return patch_of(dict.fromkeys(insertions))


def _what_differs(program: TorchProgram, builder: Builder, tables: tuple[FoundTable, ...], off: str) -> str:
    """The classes and types of the tables that are not the user's; else the weight that differs most."""
    others: dict[str, None] = {}
    for now in find_tables(program, builder.folder)[0]:
        for own in (each for each in tables if each.name == now.name):
            pairs = ((now.semantic, own.semantic), (now.dtype, own.dtype))
            others |= {f"{one} instead of {other}": None for one, other in pairs if one != other}
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
    patch: str = "",
    difference: float | None = None,
    identical: bool = False,
    why: str = "",
) -> FoundChange:
    return FoundChange(
        name=name,
        summary=change.SUMMARY,
        training=training,
        difference=difference,
        identical=identical,
        why=why,
        patch=patch,
    )
