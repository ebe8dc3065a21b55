"""What grows with the number of rows: by the user's function, or tables that get rows."""

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from embbench.cases.contender import Unsupported
from embbench.cases.found_model import FoundModel, groups_of
from embbench.cases.found_table import FoundTable
from embbench.engines.own_changes import LONGEST, RAISED
from embbench.engines.own_models import Builder
from embbench.errors import shortened

BREAKS = (Unsupported, AssertionError, *RAISED)  # a step whose code names the number of rows
Shapes = Callable[[int | None], Mapping[str, tuple[int, ...]]]  # rows -> name of a weight of the model -> its shape


def with_growth(
    found: FoundModel, builder: Builder, vocab: int | None, shapes: Shapes, step_with: Callable[[int], None]
) -> FoundModel:
    """The model with what grows: a note where rows are added, or why they cannot be added, else the weights that grow
    besides the tables and their state. vocab: for the user's function; None for its default. step_with: makes a step
    with a number of rows of the largest tables.
    """
    groups = groups_of(found.tables)
    if not groups or not (builder.sized or found.addable):
        return found
    if not builder.sized:
        try:
            step_with(groups[0][0].rows + 1)
        except BREAKS as error:
            why = f"no rows can be added to {groups[0][0].name} for larger sizes: {shortened(str(error), LONGEST)}"
            return replace(found, addable=False, notes=(*found.notes, why))
        return replace(found, notes=(*found.notes, _added(builder.name, groups[0])))
    tables = {name for each in found.tables if each.lookups for name in (each.name, *each.states)}
    here, fewer = shapes(vocab), shapes(max(1, groups[0][0].rows // 2))
    grown = (name for name, shape in here.items() if name not in tables and fewer.get(name, shape) != shape)
    return replace(found, grown=tuple(grown))


def _added(name: str, tables: Sequence[FoundTable]) -> str:
    """name: of the user's function. tables: that get rows."""
    return (
        f"{name} has no parameter vocab: for larger sizes, rows that no batch looks up were added to "
        f"{' and '.join(each.name for each in tables)}, and only "
        f"{'these tables' if len(tables) > 1 else 'this table'} grew"
    )


def numbered_group(tables: Sequence[FoundTable], number: int) -> list[FoundTable]:
    """The tables of a group, see `groups_of`. number: from 1 on. Raises Unsupported."""
    groups = groups_of(tables)
    if not groups:
        raise Unsupported("no step looks up rows of a weight: there is no table to add rows to")
    if number > len(groups):
        raise Unsupported(f"the step looks up tables of {len(groups)} sizes, so there is no group {number}")
    return groups[number - 1]
