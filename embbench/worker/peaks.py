"""Memory peaks of a round, and the sizes that they are compared with."""

from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.units import format_quantity
from embbench.host.device_processes import process_bytes
from embbench.host.memory import children_bytes, peak_bytes, release_free, resident_bytes, swapped_bytes
from embbench.worker.audit import Findings
from embbench.worker.note import NOTHING, Note, condition, measured, warned
from embbench.workloads._footprint import Footprint, is_known

TELLING_TABLE = 250_000_000  # bytes of a table from which on other variation in a process is small
WHOLE = 0.9  # least share of a table's bytes in the peak; the process may free some memory after its import
TOLD_CHILDREN = 1_000_000  # bytes of child processes from which on a warning names them
SEEN_TABLE = 50_000_000  # bytes of a table from which on its allocation shows in resident memory


def host_build_peak() -> Note:
    """The peak of the build. Call it when the trial is built."""
    return measured("host_build_peak", peak_bytes() + sum(children_bytes().values()))


def host_step_peaks(build_peak: float) -> Note:
    """The peaks of stepping and of the round. Call it after the last step. build_peak: host_build_peak, in bytes."""
    children = children_bytes()
    peak = peak_bytes() + sum(children.values())
    note = measured("host_step_peak", peak) + measured("host_peak", max(build_peak, peak))
    if sum(children.values()) > TOLD_CHILDREN:
        plural = "es" if len(children) > 1 else ""
        text = (
            f"{len(children)} child process{plural} held {format_quantity(sum(children.values()), 'B')}: the peaks "
            "count child processes as they were between steps, not at their own peaks"
        )
        note += warned("children", text)
    return note


def device_step_peaks(trial: Trial) -> Note:
    """The device peak of stepping; NOTHING if the trial's allocator does not know it."""
    note = device_peak(trial, "device_step_peak")
    if note is NOTHING:
        return note
    process, reason = process_bytes()
    return note + (condition(device_process=reason) if process is None else measured("device_process", process))


def base_and_ratios(case: Case, found: Note, theory: Footprint, held: int, findings: Findings) -> Note:
    """host_base, the memory of the warm framework without the trial, and the ratios of the peak to it. The memory right
    after the import would be too small: optimizers and kernels load a hundred megabytes of code at their first use. But
    if the allocator keeps freed memory, only the memory after the import is free of the trial. found: the round's notes
    so far. held: bytes that were resident with the trial.
    """
    release_free()
    base, imported = resident_bytes(), found.conditions["resident_after_import"]
    on_host, note = case.device == "cpu", NOTHING
    if on_host and theory.table > SEEN_TABLE and held - base < theory.table / 2:
        note += condition(kept_after_trial=base - imported)
        base = imported
    note += measured("host_base", base)
    if on_host and theory.table > SEEN_TABLE:
        own = found.value("host_step_peak") + swapped_bytes() - imported
        sizes = f"the peak is {own:.3g} B above the memory after the import; the table alone has {theory.table:.3g} B"
        findings.fact(own > WHOLE * theory.table, f"the table is not resident as a whole: {sizes}")
    if on_host:
        peak = found.value("host_step_peak")
    elif "device_step_peak" in found.metrics:
        peak, base = found.value("device_step_peak"), 0
    else:  # some allocators do not know the peak of a phase
        return note
    if is_known(case):
        note += measured("peak_ratio", peak / (theory.total + base))
    if theory.table >= TELLING_TABLE:
        copies = (peak - base - theory.model - theory.activations) / theory.table
        note += measured("table_copies", copies) + Note(ran={"table-sized arrays": f"{round(2 * copies) / 2:g}"})
    return note


def device_peak(trial: Trial, name: str) -> Note:
    """The peak since the last call, as metric `name`; NOTHING if the trial's allocator does not know it."""
    peak = trial.memory().get("device_peak")
    return NOTHING if peak is None else measured(name, peak)
