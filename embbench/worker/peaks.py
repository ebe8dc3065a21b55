"""Peaks of memory of a round, and what they are held against."""

from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.units import format_quantity
from embbench.host.devices import process_bytes
from embbench.host.memory import children_bytes, peak_bytes, release_free, resident_bytes, swapped_bytes
from embbench.worker.audit import Findings
from embbench.worker.note import NOTHING, Note, condition, measured, warned
from embbench.workloads._footprint import Footprint

TELLING_TABLE = 250_000_000  # bytes of a table beside which what else varies in a process is small
WHOLE = 0.9  # of a table's bytes, which a process has at its peak at least; what it frees after its import may be less
TOLD_CHILDREN = 1_000_000  # bytes of child processes from which on they are told
SEEN_TABLE = 50_000_000  # bytes of a table whose going is seen beside what else comes and goes


def host_build_peak() -> Note:
    """To be called when the trial is built."""
    return measured("host_build_peak", peak_bytes() + sum(children_bytes().values()))


def host_step_peaks(build_peak: float) -> Note:
    """Of stepping, and of all so far. To be called behind the last step. build_peak: host_build_peak, in bytes."""
    children = children_bytes()
    peak = peak_bytes() + sum(children.values())
    note = measured("host_step_peak", peak) + measured("host_peak", max(build_peak, peak))
    if sum(children.values()) > TOLD_CHILDREN:
        told = f"{len(children)} child process{'es' if len(children) > 1 else ''} of it had "
        told += f"{format_quantity(sum(children.values()), 'B')} for themselves alone"
        note += warned("children", f"{told}: its peaks count them as they were between steps, not at their own peaks")
    return note


def device_step_peaks(trial: Trial) -> Note:
    """NOTHING where the trial's allocator does not tell."""
    note = device_peak(trial, "device_step_peak")
    if note is NOTHING:
        return note
    process, reason = process_bytes()
    return note + (condition(device_process=reason) if process is None else measured("device_process", process))


def base_and_ratios(case: Case, found: Note, theory: Footprint, held: int, findings: Findings) -> Note:
    """What is resident when the trial is gone and its framework warmed up, and what the peak was besides. Right after
    the import would be too early: optimizers and kernels load a hundred megabytes of code when they are first used.
    Where an allocator keeps what was freed, though, that is the only figure that has no trial in it. found: the
    round's notes so far. held: bytes that were resident with the trial.
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
        told = f"its peak is {own:.3g} B above what its import took, and the table alone has {theory.table:.3g} B"
        findings.fact(own > WHOLE * theory.table, f"the table is not resident as a whole: {told}")
    if on_host:
        peak = found.value("host_step_peak")
    elif "device_step_peak" in found.metrics:
        peak, base = found.value("device_step_peak"), 0
    else:  # some allocators cannot tell a phase's own peak
        return note
    note += measured("peak_ratio", peak / (theory.total + base))
    if theory.table >= TELLING_TABLE:
        copies = (peak - base - theory.model - theory.activations) / theory.table
        note += measured("table_copies", copies) + Note(ran={"table-sized arrays": f"{round(2 * copies) / 2:g}"})
    return note


def device_peak(trial: Trial, name: str) -> Note:
    """The peak since the last call, as a metric of that name; NOTHING where the trial's allocator does not tell."""
    peak = trial.memory().get("device_peak")
    return NOTHING if peak is None else measured(name, peak)
