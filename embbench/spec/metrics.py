"""Every metric that a Round may carry: name, base unit, kind, which way is better, how it is treated, one sentence.

Kinds: wall (host's monotonic clock), process (the operating system's account of the process), allocator (the
framework's device allocator), device (NVML), workload (a property of the token stream), training (how a program
learns), per row (computed from what one Round has), derived (computed from several), counter (events that the CPU
counts).
"""

from embbench.errors import UsageError, unknown
from embbench.spec.metric import Metric
from embbench.spec.table_metrics import TABLE_METRICS
from embbench.spec.training_task import LEARNT, MOST_LESSONS
from embbench.spec.treatment import ALONE, BYTES, DERIVED, DESCRIBED, RESIDENT, STEP

_ALL = (
    Metric(
        "step_time",
        "s",
        "wall",
        "lower",
        STEP,
        "One training step, steady state: a block of steps between two fences, divided by its steps.",
    ),
    Metric(
        "first_step_time",
        "s",
        "wall",
        "lower",
        ALONE,
        "The first training step: tracing, compiling, allocating and first touch included.",
    ),
    Metric("build_time", "s", "wall", "lower", ALONE, "Building model, table and optimizer, up to the first step."),
    Metric("import_time", "s", "wall", "lower", ALONE, "Importing the contender and the framework it needs."),
    Metric("warmup_time", "s", "wall", "lower", ALONE, "Steps between the first one and the first sample."),
    Metric(
        "update_cost",
        "s/row",
        "derived",
        "lower",
        DERIVED,
        "What training the table adds to a step, per row touched: (step_time - step_time with the table "
        "frozen) / unique_rows.",
    ),
    Metric(
        "phase_step",
        "s",
        "wall",
        "lower",
        ALONE,
        "A step between the parts that it is taken apart into, after all else was measured.",
    ),
    Metric("phase_lookup", "s", "wall", "lower", ALONE, "Part of a step: the rows of a batch."),
    Metric(
        "phase_network",
        "s",
        "wall",
        "lower",
        ALONE,
        "Part of a step: the rows of a batch, loss, and gradients of everything but the table.",
    ),
    Metric(
        "phase_gradients",
        "s",
        "wall",
        "lower",
        ALONE,
        "Part of a step: loss and all gradients, those of the table too.",
    ),
    Metric("phase_update_table", "s", "wall", "lower", ALONE, "Part of a step: the optimizer on the table."),
    Metric(
        "phase_update_rest", "s", "wall", "lower", ALONE, "Part of a step: the optimizer on everything but the table."
    ),
    Metric("phase_update", "s", "wall", "lower", ALONE, "Part of a step: the optimizer, where it cannot be parted."),
    Metric(
        "phase_square_root",
        "s",
        "wall",
        "lower",
        ALONE,
        "Within the optimizer on the table: the square root of its state, where that is an operator of its own.",
    ),
    Metric("profiled_lookup", "s", "wall", "lower", ALONE, "Of a step, by the framework's profiler: looking rows up."),
    Metric(
        "profiled_gradient",
        "s",
        "wall",
        "lower",
        ALONE,
        "Of a step, by the framework's profiler: the gradient of the table, and giving the last one back.",
    ),
    Metric("profiled_optimizer", "s", "wall", "lower", ALONE, "Of a step, by the framework's profiler: the optimizer."),
    Metric(
        "update_rate",
        "B/s",
        "wall",
        "higher",
        ALONE,
        "Memory read and written in place right after the step was taken apart, both counted; of no cache's size.",
    ),
    Metric(
        "steps_to_loss",
        "steps",
        "training",
        "lower",
        ALONE,
        f"Steps after which the same program in small has a mean loss of {LEARNT:g}, on texts whose label most of "
        "their words stand for.",
    ),
    Metric(
        "unreached_loss",
        "1",
        "training",
        "lower",
        ALONE,
        f"Its mean loss after {MOST_LESSONS} steps, where it was not reached.",
    ),
    Metric(
        "host_base",
        "B",
        "process",
        "lower",
        RESIDENT,
        "Resident memory without the case: its framework loaded and warmed up, or as it was imported where its "
        "allocator keeps what is freed.",
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
        "By how much memory in use grows with each step of the timed window and behind it; 0 where it does not.",
    ),
    Metric(
        "theoretical_peak",
        "B",
        "derived",
        "lower",
        BYTES,
        "Bytes that table, gradient, optimizer state and activations need by arithmetic.",
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
        "Table-sized arrays alive at the peak of stepping, the table included: that peak without host_base, model and "
        "activations, over the table's bytes.",
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
        "Of a step of the timed window, what its busiest thread spent in the system's kernel: page faults above all.",
    ),
    Metric(
        "unique_rows",
        "rows",
        "workload",
        "none",
        DESCRIBED,
        "U: different rows that a batch touches, median over the batches.",
    ),
    Metric("unique_share", "1", "workload", "none", DESCRIBED, "U/N: different rows over lookups."),
    Metric("multiplicity", "rows", "workload", "none", DESCRIBED, "The most often that one row occurs in one batch."),
    Metric(
        "padding_share",
        "1",
        "workload",
        "none",
        DESCRIBED,
        "Of the lookups, those of padding, where texts are padded; multiplicity is at least this share of N.",
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_ALL, *TABLE_METRICS)}


def find_metric(name: str) -> Metric:
    """Raises UsageError with the nearest valid name."""
    if name not in METRICS:
        raise UsageError(unknown("metric", name, METRICS))
    return METRICS[name]
