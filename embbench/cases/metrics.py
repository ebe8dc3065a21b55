"""The metrics of a Round: name, base unit, kind, better direction, treatment, definition.

Kinds: wall (host's monotonic clock), process (the operating system's account of the process), allocator (the
framework's device allocator), device (NVML), workload (a property of the token stream), training (how a program
learns), per row (computed from a single Round), derived (computed from several), counter (events that the CPU counts).
"""

from collections.abc import Collection, Iterable

from embbench.cases.metric import Metric
from embbench.cases.rank_metrics import RANK_METRICS
from embbench.cases.table_metrics import TABLE_METRICS
from embbench.cases.training_task import LEARNT, MOST_LESSONS
from embbench.cases.treatment import ALONE, BYTES, DERIVED, DESCRIBED, RESIDENT, STEP
from embbench.cases.workload_parts import WORKLOAD_PARTS, metric_of
from embbench.errors import UsageError, unknown

_ALL = (
    Metric(
        "step_time",
        "s",
        "wall",
        "lower",
        STEP,
        "A training step in steady state: the time of a block between two fences, divided by its steps.",
    ),
    Metric(
        "first_step_time",
        "s",
        "wall",
        "lower",
        ALONE,
        "The first training step, with tracing, compiling, allocating and first touch.",
    ),
    Metric("build_time", "s", "wall", "lower", ALONE, "Building model, table and optimizer, up to the first step."),
    Metric("import_time", "s", "wall", "lower", ALONE, "Importing the contender and its framework."),
    Metric("warmup_time", "s", "wall", "lower", ALONE, "Steps between the first step and the first sample."),
    Metric(
        "update_cost",
        "s/row",
        "derived",
        "lower",
        DERIVED,
        "Added cost of training the table, per touched row: (step_time - step_time with the table frozen) / "
        "unique_rows.",
    ),
    Metric(
        "turn_time",
        "s",
        "wall",
        "lower",
        ALONE,
        "A step in turn with the steps of a reference in the same process, after all other measurements.",
    ),
    Metric("reference_time", "s", "wall", "lower", ALONE, "A step of the reference of turn_time."),
    Metric(
        "turn_ratio",
        "1",
        "per row",
        "lower",
        ALONE,
        "turn_time / reference_time, of two steps each, the faster of both.",
    ),
    Metric(
        "phase_step",
        "s",
        "wall",
        "lower",
        ALONE,
        "A whole step, timed in turn with its parts, after all other measurements.",
    ),
    *(Metric(metric_of(name), "s", "wall", "lower", ALONE, part.description) for name, part in WORKLOAD_PARTS.items()),
    Metric("profiled_lookup", "s", "wall", "lower", ALONE, "The lookup of a step, by the framework's profiler."),
    Metric(
        "profiled_gradient",
        "s",
        "wall",
        "lower",
        ALONE,
        "The gradient of the table in a step, with freeing the last gradient, by the framework's profiler.",
    ),
    Metric("profiled_optimizer", "s", "wall", "lower", ALONE, "The optimizer of a step, by the framework's profiler."),
    Metric(
        "update_rate",
        "B/s",
        "wall",
        "higher",
        ALONE,
        "Rate of reading and writing memory in place, both counted, right after the parts; larger than all caches. Of "
        "several ranks, the rate of the slowest while all of them do so, right after the steps.",
    ),
    Metric(
        "steps_to_loss",
        "steps",
        "training",
        "lower",
        ALONE,
        f"Steps of the same program in small until a mean loss of {LEARNT:g}, on texts most of whose words stand for "
        "the label.",
    ),
    Metric(
        "unreached_loss",
        "1",
        "training",
        "lower",
        ALONE,
        f"Mean loss after {MOST_LESSONS} steps, where the loss of steps_to_loss was not reached.",
    ),
    Metric(
        "host_base",
        "B",
        "process",
        "lower",
        RESIDENT,
        "Resident memory without the case: the framework loaded and warmed up, or only imported where its allocator "
        "keeps freed memory.",
    ),
    Metric("host_build_peak", "B", "process", "lower", RESIDENT, "Peak resident memory while building."),
    Metric(
        "host_step_peak",
        "B",
        "process",
        "lower",
        RESIDENT,
        "Peak resident memory from the first step to the last sample.",
    ),
    Metric("host_peak", "B", "process", "lower", RESIDENT, "Peak resident memory from building to the last sample."),
    Metric(
        "host_growth",
        "B/step",
        "process",
        "lower",
        BYTES,
        "Growth of memory in use per step, in the timed window and after it; 0 without growth.",
    ),
    Metric(
        "theoretical_peak",
        "B",
        "derived",
        "lower",
        BYTES,
        "Bytes that table, gradient, optimizer state and activations need, by arithmetic.",
    ),
    Metric(
        "peak_ratio",
        "1",
        "derived",
        "lower",
        RESIDENT,
        "host_step_peak / (theoretical_peak + host_base); on a device, device_step_peak / theoretical_peak.",
    ),
    Metric(
        "table_copies",
        "1",
        "derived",
        "lower",
        RESIDENT,
        "Table-sized arrays alive at the peak of stepping, with the table: (peak - host_base - model - activations) / "
        "bytes of the table.",
    ),
    Metric(
        "device_build_peak",
        "B",
        "allocator",
        "lower",
        BYTES,
        "Peak of the framework's device allocator while building.",
    ),
    Metric(
        "device_step_peak", "B", "allocator", "lower", BYTES, "Peak of the framework's device allocator while stepping."
    ),
    Metric(
        "device_process",
        "B",
        "device",
        "lower",
        BYTES,
        "Device memory that NVML accounts to the process after the last sample.",
    ),
    Metric(
        "faults_per_step",
        "faults",
        "process",
        "lower",
        RESIDENT,
        "Page faults in the timed window per step, minor and major.",
    ),
    Metric(
        "kernel_time",
        "s",
        "process",
        "lower",
        STEP,
        "Time of a step that its busiest thread spends in the kernel, mostly for page faults.",
    ),
    Metric(
        "unique_rows",
        "rows",
        "workload",
        "none",
        DESCRIBED,
        "U: distinct rows that a batch touches, median over the batches.",
    ),
    Metric("unique_share", "1", "workload", "none", DESCRIBED, "U/N: distinct rows over lookups."),
    Metric("multiplicity", "rows", "workload", "none", DESCRIBED, "Lookups of the most frequent row of a batch."),
    Metric(
        "padding_share",
        "1",
        "workload",
        "none",
        DESCRIBED,
        "Share of padding in the lookups of padded texts; multiplicity is at least this share of N.",
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_ALL, *RANK_METRICS, *TABLE_METRICS)}
_ON_DEVICE = {"host_peak": "device_step_peak", "host_step_peak": "device_step_peak"}
LISTING = "embbench list metrics"  # the command that shows them; they are too many for an error's line


def for_devices(metrics: Iterable[str], devices: Collection[str]) -> list[str]:
    """The metrics; where all devices are GPUs, with the peak of their memory, which has the table, for the host's."""
    if not devices or "cpu" in devices:
        return list(metrics)
    return list(dict.fromkeys(_ON_DEVICE.get(name, name) for name in metrics))


def find_metric(name: str) -> Metric:
    """The metric of a name. Raises UsageError with the nearest valid name."""
    if name not in METRICS:
        raise UsageError(unknown("metric", name, METRICS, LISTING))
    return METRICS[name]
