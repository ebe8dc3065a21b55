"""Semantic classes: what an update does to the rows of the table. Two classes are never called equivalent."""

CLASSES: dict[str, str] = {
    "frozen": "no row of the table moves",
    "exact": "only rows in the batch move, exactly as dense training would move them",
    "dense": "rows outside the batch move too, by momentum or decay",
    "lazy": "optimizer state and weights move only for rows in the batch; dense training would also move others",
    "lazy-decay": "optimizer state moves only for rows in the batch, while decay moves every row",
    "rowwise": "one optimizer state value per row instead of one per element",
    "exact-apart": "only rows in the batch move, and where a row occurs several times the squares of its gradients are "
    "summed for Adagrad's state, not its gradients squared as a sum",
    "dense-apart": "rows outside the batch move too, and where a row occurs several times the squares of its gradients "
    "are summed for the second moment, not its gradients squared as a sum",
}


def moves_others(semantic: str) -> bool:
    """Whether rows move that are not in the batch."""
    return moves_all_states(semantic) or decays_others(semantic)


def moves_all_states(semantic: str) -> bool:
    """Whether the optimizer steps rows that are not in the batch, with a gradient of zero."""
    return semantic.startswith("dense")


def decays_others(semantic: str) -> bool:
    """Whether rows that are not in the batch decay, their optimizer state standing still."""
    return semantic == "lazy-decay"


def squares_apart(semantic: str) -> bool:
    """Whether the second moment of a row takes in the gradient of each of its occurrences by itself."""
    return semantic.endswith("-apart")
