"""Which tables get rows where a user's function does not take their number."""

from collections.abc import Mapping, Sequence

from embbench.cases.contender import Unsupported
from embbench.cases.found_model import FoundModel, groups_of
from embbench.cases.found_table import FoundTable


def others_grown(
    here: Mapping[str, tuple[int, ...]], fewer: Mapping[str, tuple[int, ...]], found: FoundModel
) -> tuple[str, ...]:
    """The weights besides the tables that have other shapes where the user's function makes fewer rows. here, fewer:
    name of a weight -> its shape.
    """
    tables = {each.name for each in found.tables if each.lookups}
    return tuple(name for name, shape in here.items() if name not in tables and fewer.get(name, shape) != shape)


def fewer_rows(found: FoundModel) -> int | None:
    """Half the rows of the largest table; None without a table of 2 rows."""
    groups = groups_of(found.tables)
    return None if not groups or groups[0][0].rows < 2 else groups[0][0].rows // 2


def growth_note(name: str, sized: bool, found: FoundModel) -> tuple[str, ...]:
    """What a reader of sizes should know. name: of the user's function. sized: whether it takes a number of rows."""
    groups = groups_of(found.tables)
    if sized or not groups:
        return ()
    grown = [each.name for each in groups[0]]
    return (
        f"{name} has no parameter vocab: for larger sizes, rows that no batch looks up were added to "
        f"{' and '.join(grown)}, and only {'these tables' if len(grown) > 1 else 'this table'} grew",
    )


def numbered_group(tables: Sequence[FoundTable], number: int) -> list[FoundTable]:
    """The tables of a group, see `groups_of`. number: from 1 on. Raises Unsupported."""
    groups = groups_of(tables)
    if not groups:
        raise Unsupported("no step looks up rows of a weight: there is no table to add rows to")
    if number > len(groups):
        raise Unsupported(f"the step looks up tables of {len(groups)} sizes, so there is no group {number}")
    return groups[number - 1]
