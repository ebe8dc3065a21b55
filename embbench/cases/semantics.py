"""Semantic classes: what an update does to the rows of the table. Two classes are never called equivalent.

The class of a case is a name of ROW_CLASSES. A table that is kept in fewer bits appends `Precision.short`:
'dense bf16', 'lazy bf16+gradients'.
"""

from collections.abc import Iterable

from embbench.cases.precision import ITEMSIZE, SHORT

CLAIMS = "claims"  # class of a workload that is held to claims
ROW_CLASSES: dict[str, str] = {
    "frozen": "no row of the table moves",
    CLAIMS: "held to exact right values, see the table of claims",
    "exact": "only rows in the batch move, exactly as dense training would move them",
    "dense": "rows outside the batch move too, by momentum or decay",
    "lazy": "weights and optimizer state move only for rows in the batch",
    "lazy-decay": "optimizer state moves only for rows in the batch, while decay moves every row",
    "rowwise": "one optimizer state value per row instead of one per element",
    "rowwise-parts": "one optimizer state value per row in each part of the columns, instead of one per element",
    "exact-apart": "only rows in the batch move; if a row occurs several times, Adagrad's state adds the squares of "
    "its gradients, not the square of their sum",
    "dense-apart": "rows outside the batch move too; if a row occurs several times, the second moment adds the squares "
    "of its gradients, not the square of their sum",
}

# Arrays that may stay in float32 beside a table in fewer bits.
WIDE = {"master": "a master copy", "states": "the optimizer's state", "gradients": "the gradient of a row"}


def moves_others(semantic: str) -> bool:
    """Whether rows outside the batch move."""
    return moves_all_states(semantic) or decays_others(semantic)


def moves_all_states(semantic: str) -> bool:
    """Whether the optimizer steps rows outside the batch, with a gradient of zero."""
    return semantic.startswith("dense")


def decays_others(semantic: str) -> bool:
    """Whether rows outside the batch decay while their optimizer state stays."""
    return semantic == "lazy-decay"


def squares_apart(semantic: str) -> bool:
    """Whether the second moment of a row adds the squared gradients of its occurrences, not the square of their sum."""
    return semantic.endswith("-apart")


def in_order(classes: Iterable[str]) -> list[str]:
    """The distinct classes in the order of ROW_CLASSES, a table in the case's dtype before tables in fewer bits,
    unknown classes last.
    """
    names = list(ROW_CLASSES)

    def place(semantic: str) -> tuple[int, str]:
        rows, _, kept = semantic.partition(" ")
        return names.index(rows) if rows in names else len(names), kept

    return sorted(dict.fromkeys(classes), key=place)


def meaning(semantic: str) -> str:
    """The meaning of a class, as a clause; an unknown class itself."""
    rows, _, kept = semantic.partition(" ")
    text = ROW_CLASSES.get(rows, rows)
    if not kept:
        return text
    table, *wide = kept.split("+")
    name = next((name for name, short in SHORT.items() if short == table), table)
    text += f"; the table is kept in {name}"
    return f"{text}, in float32 beside it {' and '.join(WIDE.get(each, each) for each in wide)}" if wide else text


def rows_of(semantic: str) -> str:
    """The name of ROW_CLASSES in the class of a case."""
    return semantic.partition(" ")[0]


def with_rows(semantic: str, rows: str) -> str:
    """The class with the same precision whose rows move as `rows` of ROW_CLASSES."""
    _, space, kept = semantic.partition(" ")
    return f"{rows}{space}{kept}"


def table_itemsize(semantic: str, itemsize: int) -> int:
    """Bytes of a number of the table. itemsize: of the case's dtype."""
    return ITEMSIZE if " " in semantic else itemsize


def moved_bytes(semantic: str, itemsize: int, states: float) -> tuple[float, float]:
    """(bytes read, bytes written) by an update per number that trains: table, master copy, and optimizer state. states:
    numbers of state. itemsize: of the case's dtype.
    """
    table, wide = table_itemsize(semantic, itemsize), semantic.partition(" ")[2].split("+")[1:]
    state = states * (itemsize if "states" in wide else table)
    if "master" in wide:
        return itemsize + state, itemsize + state + table
    return table + state, table + state
