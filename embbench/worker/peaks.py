"""Peaks of memory of a round, and what they are held against."""

from embbench.host.devices import process_bytes
from embbench.host.memory import children_bytes, peak_bytes, release_free, resident_bytes, swapped_bytes
from embbench.spec.contender import Trial
from embbench.spec.footprint import Footprint
from embbench.spec.units import format_quantity
from embbench.worker.audit import Findings
from embbench.worker.recorder import Recorder

TELLING_TABLE = 250_000_000  # bytes of a table beside which what else varies in a process is small
WHOLE = 0.9  # of a table's bytes, which a process has at its peak at least; what it frees after its import may be less
TOLD_CHILDREN = 1_000_000  # bytes of child processes from which on they are told
SEEN_TABLE = 50_000_000  # bytes of a table whose going is seen beside what else comes and goes


def put_build_peak(recorder: Recorder, trial: Trial) -> None:
    """To be called when the trial is built."""
    recorder.put("host_build_peak", peak_bytes() + sum(children_bytes().values()))
    _put_device_peak(recorder, trial, "device_build_peak")


def put_peaks(recorder: Recorder, trial: Trial) -> None:
    """Of stepping, and of all so far. To be called behind the last step."""
    children = children_bytes()
    recorder.put("host_step_peak", peak_bytes() + sum(children.values()))
    if sum(children.values()) > TOLD_CHILDREN:
        told = f"{len(children)} child process{'es' if len(children) > 1 else ''} of it had "
        told += f"{format_quantity(sum(children.values()), 'B')} for themselves alone"
        recorder.warn("children", f"{told}: its peaks count them as they were between steps, not at their own peaks")
    recorder.put("host_peak", max(recorder.value("host_build_peak"), recorder.value("host_step_peak")))
    if _put_device_peak(recorder, trial, "device_step_peak"):
        process, reason = process_bytes()
        if process is None:
            recorder.fields["conditions"]["device_process"] = reason
        else:
            recorder.put("device_process", process)


def put_base(recorder: Recorder, theory: Footprint, held: int, findings: Findings) -> None:
    """What is resident when the trial is gone and its framework warmed up, and what the peak was besides. Right after
    the import would be too early: optimizers and kernels load a hundred megabytes of code when they are first used.
    Where an allocator keeps what was freed, though, that is the only figure that has no trial in it. held: bytes that
    were resident with the trial.
    """
    release_free()
    base, imported = resident_bytes(), recorder.fields["conditions"]["resident_after_import"]
    on_host = recorder.request.case.device == "cpu"
    if on_host and theory.table > SEEN_TABLE and held - base < theory.table / 2:
        recorder.fields["conditions"]["kept_after_trial"] = base - imported
        base = imported
    recorder.put("host_base", base)
    if on_host and theory.table > SEEN_TABLE:
        own = recorder.value("host_step_peak") + swapped_bytes() - imported
        told = f"its peak is {own:.3g} B above what its import took, and the table alone has {theory.table:.3g} B"
        findings.fact(own > WHOLE * theory.table, f"the table is not resident as a whole: {told}")
    if on_host:
        peak = recorder.value("host_step_peak")
    elif "device_step_peak" in recorder.metrics:
        peak, base = recorder.value("device_step_peak"), 0
    else:  # some allocators cannot tell a phase's own peak
        return
    recorder.put("peak_ratio", peak / (theory.total + base))
    if theory.table >= TELLING_TABLE:
        copies = (peak - base - theory.model - theory.activations) / theory.table
        recorder.put("table_copies", copies)
        recorder.fields["ran"]["table-sized arrays"] = f"{round(2 * copies) / 2:g}"


def _put_device_peak(recorder: Recorder, trial: Trial, name: str) -> bool:
    peak = trial.memory().get("device_peak")
    if peak is not None:
        recorder.put(name, peak)
    return peak is not None
