"""Metrics of the table's part of a step, where that is stepped by itself."""

from embbench.spec.metric import Metric
from embbench.spec.treatment import ALONE

TABLE_METRICS = (
    Metric(
        "table_time",
        "s",
        "wall",
        "lower",
        ALONE,
        "The table's part of a step as programs of its own: lookup, gradient to the table, update; pass behind pass.",
    ),
    Metric("table_lookup", "s", "wall", "lower", ALONE, "Of table_time: the rows of a batch."),
    Metric("table_gradient", "s", "wall", "lower", ALONE, "Of table_time: the gradient to the table."),
    Metric("table_update", "s", "wall", "lower", ALONE, "Of table_time: the optimizer on the table."),
    Metric(
        "table_start",
        "s",
        "wall",
        "lower",
        ALONE,
        "As table_time with one token a batch: what does not depend on the rows that are touched, as starting kernels.",
    ),
    Metric(
        "table_index",
        "s",
        "wall",
        "lower",
        ALONE,
        "Finding the distinct ids of a batch, by itself; table_time contains it.",
    ),
    Metric(
        "table_sum",
        "s",
        "wall",
        "lower",
        ALONE,
        "Summing the gradients of tokens with the same id, by itself, with finding these where one operation makes "
        "both; table_time contains it.",
    ),
    Metric(
        "displaced_time",
        "s",
        "wall",
        "lower",
        ALONE,
        "As table_time, after other bytes filled the caches: before the lookup and again before the gradient.",
    ),
    Metric("displaced_lookup", "s", "wall", "lower", ALONE, "Of displaced_time: the rows of a batch."),
    Metric("displaced_gradient", "s", "wall", "lower", ALONE, "Of displaced_time: the gradient to the table."),
    Metric("displaced_update", "s", "wall", "lower", ALONE, "Of displaced_time: the optimizer on the table."),
    Metric("displaced_start", "s", "wall", "lower", ALONE, "As displaced_time with one token a batch."),
    Metric("row_cost", "s/row", "per row", "lower", ALONE, "What a touched row costs: table_time / unique_rows."),
    Metric("displaced_row_cost", "s/row", "per row", "lower", ALONE, "The same behind caches that hold other bytes."),
    Metric(
        "byte_cost",
        "s/B",
        "per row",
        "lower",
        ALONE,
        "table_time a byte that it must move: the rows looked up, and table and state read and written by the update.",
    ),
    Metric(
        "ceiling_share",
        "1",
        "per row",
        "higher",
        ALONE,
        "Of table_time, what gather and scatter of the same rows take that were measured beside it: how near it is to "
        "the machine's ceiling.",
    ),
    Metric(
        "gather_rate",
        "B/s",
        "wall",
        "higher",
        ALONE,
        "Rows like the table's, read at random places right after table_time, as many as a batch touches.",
    ),
    Metric("scatter_rate", "B/s", "wall", "higher", ALONE, "The same, written."),
    Metric(
        "cache_misses_per_row",
        "misses/row",
        "counter",
        "lower",
        ALONE,
        "Misses of the last cache that the CPU counts in a pass of table_time, a touched row.",
    ),
    Metric(
        "tlb_misses_per_row",
        "misses/row",
        "counter",
        "lower",
        ALONE,
        "Reads whose address the translation buffers did not hold, a touched row.",
    ),
)
