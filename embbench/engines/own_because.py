"""Why a table moves as it does, in sentences without a full stop."""

from embbench.cases.found_table import Use
from embbench.engines.own_rows import RowMoves

MADE_DENSE = {
    "output layer": "the output layer shares the table: its gradient has every row",
    "one-hot product": "a product with one-hot vectors gives every row a gradient",
    "penalty": "a term of the loss reads every row",
    "changed rows": "the step changes all rows before it looks some of them up",
    "other": "an operation reads every row",
}


def because(
    moved: RowMoves, uses: tuple[Use, ...], sparse: bool | None, lookup: tuple[str, str], optimizer: str
) -> tuple[str, ...]:
    """sparse: whether the gradient is sparse; None without a gradient. lookup: (operation, place in the user's code).
    optimizer: its class; '' for a step of the user's own.
    """
    told = []
    if sparse is False:
        nothing = ", and adds nothing, because its gradient is 0" if moved.zero else ""
        told += [
            f"{MADE_DENSE[each.kind]}{nothing if each.kind == 'penalty' else ''} ({_at(each.operation, each.where)})"
            for each in uses
        ]
        if not uses:
            told.append(f"the lookup has a dense gradient ({_at(*lookup)})")
    who = optimizer or "the step"
    match moved.by:
        case "momentum":
            told.append(f"{who} keeps moving rows of earlier batches")
        case "decay" if moved.moves == "state":
            told.append(f"the state of {who} decays for every row")
        case "decay":
            told.append(f"{who} moves every row without a gradient, as weight decay does")
    return tuple(told)


def _at(operation: str, where: str) -> str:
    return f"{operation} at {where}" if where else operation
