"""The metrics of processes that share each step."""

from embbench.cases.metric import Metric
from embbench.cases.treatment import ALONE, BYTES, DESCRIBED

RANK_METRICS = (
    Metric(
        "rank_wait",
        "s",
        "wall",
        "lower",
        ALONE,
        "Time per step that the fastest rank waits for the slowest at the barrier behind a block. Waits within a step, "
        "at the exchanges of the contender, are not in it.",
    ),
    Metric(
        "exchange_time",
        "s",
        "wall",
        "lower",
        ALONE,
        "Time of a step in which rank 0 exchanges arrays with other ranks or waits for them, by the framework's "
        "profiler. The rank may compute meanwhile.",
    ),
    Metric(
        "link_rate",
        "B/s",
        "wall",
        "higher",
        ALONE,
        "Rate at which a rank sends while all ranks sum an array of 16 MiB, right after the steps. By arithmetic, as "
        "in a ring, a rank sends (ranks - 1) / ranks of the array twice.",
    ),
    Metric(
        "lookup_share",
        "1",
        "workload",
        "none",
        DESCRIBED,
        "Share of a step's lookups in the part of the table of the rank with the most; 1 / ranks if they are even.",
    ),
    Metric(
        "sent_bytes",
        "B/step",
        "process",
        "lower",
        BYTES,
        "Bytes that a rank sends to other ranks in a step, as the kernel counts them; of the rank with the most.",
    ),
    Metric(
        "received_bytes",
        "B/step",
        "process",
        "lower",
        BYTES,
        "Bytes that a rank receives from other ranks in a step, as the kernel counts them; of the rank with the most.",
    ),
    Metric(
        "theoretical_sent",
        "B/step",
        "derived",
        "lower",
        BYTES,
        "Bytes that a rank has to send to other ranks in a step, by arithmetic; it has to receive as many.",
    ),
)
