"""Semantic classes: what an update does to the rows of the table. Two classes are never called equivalent."""

CLASSES: dict[str, str] = {
    "frozen": "no row of the table moves",
    "exact": "only rows in the batch move, exactly as dense training would move them",
    "dense": "rows outside the batch move too, by momentum or decay",
    "lazy": "optimizer state and weights move only for rows in the batch; dense training would also move others",
    "rowwise": "one optimizer state value per row instead of one per element",
}
