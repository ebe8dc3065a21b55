"""One round: import, build, first step, warm-up, timed samples, audit. Each phase is a metric of its own."""

import statistics
from pathlib import Path
from typing import cast

from embbench.contenders import Contender, beware, load, read, software
from embbench.host.devices import process_bytes
from embbench.host.load import read_load
from embbench.host.machine import usable_cpus
from embbench.host.memory import (
    children_bytes,
    peak_bytes,
    release_free,
    reset_peak,
    resident_bytes,
    swapped_bytes,
)
from embbench.lies import plant
from embbench.spec.contender import Module, Skip, Trial, Unsupported
from embbench.spec.footprint import Footprint, footprint
from embbench.spec.streams import Tokens, count_tokens, draw_tokens
from embbench.spec.units import format_quantity
from embbench.store.round import Round
from embbench.worker.audit import Findings, audit_small
from embbench.worker.conditions import conditions, warnings
from embbench.worker.fence import leak_after_fence, not_linear
from embbench.worker.phases import take_apart
from embbench.worker.recorder import Recorder
from embbench.worker.resident import Resident, put_growth
from embbench.worker.sampling import Samples, block_steps, take_samples, warm_up
from embbench.worker.slowed import Slowed
from embbench.worker.training import train
from embbench.worker.watched import watch
from embbench.worker.witness import Witness

TELLING_TABLE = 250_000_000  # bytes of a table beside which what else varies in a process is small
WHOLE = 0.9  # of a table's bytes, which a process has at its peak at least; what it frees after its import may be less
TOLD_CHILDREN = 1_000_000  # bytes of child processes from which on they are told
SEEN_TABLE = 50_000_000  # bytes of a table whose going is seen beside what else comes and goes


class Invalid(Exception):
    """The trial does not do what it must to be timed at all, such as wait at its fence."""


def do_round(recorder: Recorder) -> Round:
    """The whole round. Errors of the contender's file go through, to the worker's outermost frame."""
    contender = read(Path(recorder.request.contender))
    recorder.software = software(contender)
    try:
        return _phases(recorder, contender)
    except Unsupported as error:
        return recorder.finish("unsupported", str(error))
    except Skip as error:
        return recorder.finish("skipped", str(error))
    except Invalid as error:
        return recorder.finish("invalid", str(error))


def _phases(recorder: Recorder, contender: Contender) -> Round:
    case, protocol = recorder.request.case, recorder.request.protocol
    path = contender.declaration.path(case)
    if isinstance(path, str):
        raise Unsupported(path)
    for text in beware(contender, case.device):
        recorder.warn("known-bad-version", text)
    recorder.enter("import")
    module: Module = recorder.timed("import_time", lambda: load(contender))
    if recorder.request.planted:
        recorder.fields["conditions"]["planted"] = recorder.request.planted
        plant(recorder.request.planted, module, contender.declaration)
    recorder.fields["conditions"]["resident_after_import"] = resident_bytes()
    if recorder.request.slowdown is not None:
        recorder.fields["conditions"]["slowdown"] = recorder.request.slowdown
    tokens = draw_tokens(case, protocol.batches)
    _put_counts(recorder, tokens)
    theory = footprint(case, path.copies, path.lookups, contender.declaration.onehot)
    recorder.put("theoretical_peak", theory.total)
    findings = Findings(contender.declaration.semantic(case), case.dtype)
    held = _timed_program(recorder, contender, module, tokens, findings)
    _put_base(recorder, theory, held, findings)
    audit_small(contender, module.prepare, case, findings)
    recorder.fields["audit"] = findings.verdict()
    if findings.left_out:
        recorder.warn("audit-in-part", f"the audit left out {findings.left_out}; all else was checked")
    if findings.difference is not None:
        return recorder.finish("invalid", findings.difference)
    if protocol.training:
        recorder.enter("training")
        recorder.settled = True
        train(recorder, module.prepare)
    return recorder.finish("ok")


def _timed_program(recorder: Recorder, contender: Contender, module: Module, tokens: Tokens, findings: Findings) -> int:
    """Builds the trial, times it and lets it testify. The trial is gone when this returns the bytes that were resident
    with it.
    """
    recorder.enter("build")
    trial = _build(recorder, module, tokens)
    recorder.enter("first step")
    witness = Witness(contender, recorder.request.case, tokens, trial)
    if not reset_peak():
        recorder.warn("peak-not-reset", "this system cannot reset a peak: host_step_peak includes the build")
    recorder.timed("first_step_time", lambda: (trial.step(), trial.sync()))
    witness.saw_first_step()
    steps = 1 + _steady(recorder, trial, tokens)
    _put_peaks(recorder, trial)
    recorder.enter("audit")
    recorder.fields["ran"] = {str(key): str(value) for key, value in trial.describe().items()}
    witness.testify(steps, findings, statistics.median(recorder.metrics["step_time"].values))
    held = resident_bytes()
    if recorder.request.protocol.phases:
        recorder.enter("phases")
        take_apart(recorder, trial)
        recorder.enter("audit")  # in small, which comes after the trial has gone
    return held


def _put_counts(recorder: Recorder, tokens: Tokens) -> None:
    counts = count_tokens(tokens.ids)
    recorder.put("unique_rows", counts.unique)
    recorder.put("unique_share", counts.share)
    recorder.put("multiplicity", counts.multiplicity)


def _build(recorder: Recorder, module: Module, tokens: Tokens) -> Trial:
    reset_peak()

    def build() -> Trial:
        trial = module.prepare(recorder.request.case, tokens)
        trial.sync()
        share = recorder.request.slowdown
        return trial if share is None else cast(Trial, Slowed(trial, share, recorder.clock))

    trial: Trial = recorder.timed("build_time", build)
    recorder.put("host_build_peak", peak_bytes() + sum(children_bytes().values()))
    _put_device_peak(recorder, trial, "device_build_peak")
    return trial


def _steady(recorder: Recorder, trial: Trial, tokens: Tokens) -> int:
    """Warm-up, timed samples and proof of the fence; the steps made in that."""
    protocol, clock, told = recorder.request.protocol, recorder.clock, recorder.fields["conditions"]
    recorder.enter("warm-up")
    warmed = recorder.timed("warmup_time", lambda: warm_up(trial, protocol, clock))
    told["warmup"] = {"steps": len(warmed.seconds), "converged": warmed.converged}
    recorder.enter("measure")  # before the proof of the fence, so that no sample is disturbed by this being shown
    made = len(warmed.seconds)
    made += _prove(leak_after_fence(trial, warmed.seconds[-1], tokens.ids[0, :, -1], clock))
    resident = Resident()
    samples = _sample(recorder, trial, warmed.seconds, resident)
    made += put_growth(recorder, trial, samples.steps[0], resident)
    made += _prove(not_linear(trial, samples, clock))
    if recorder.turns is None:  # two sides that end at once would disturb each other
        made += watch(recorder, trial, tokens.ids[0, :, -1], statistics.median(samples.seconds))
    return made + samples.total_steps - samples.before


def _sample(recorder: Recorder, trial: Trial, warmed: tuple[float, ...], resident: Resident) -> Samples:
    """The timed window, with what disturbed it. warmed: seconds of the steps before it."""
    protocol, clock, told = recorder.request.protocol, recorder.clock, recorder.fields["conditions"]
    step = statistics.median(warmed[-3:])
    size = block_steps(step, protocol, clock)
    # A step that outlasts the whole warm-up is a sample already: seconds must not be spent on measuring it again.
    before = warmed if len(warmed) == size == 1 and recorder.turns is None else ()
    load, begin = read_load(), clock()
    if recorder.turns is None:
        samples = take_samples(trial, size, protocol, clock, before, resident.look)
    else:
        samples = recorder.turns.take(trial, size, step, clock, resident.look)
    seconds, steps = (clock() - begin) / 1e9, samples.total_steps - samples.before
    told |= {
        "block_steps": samples.steps[0],
        "stopped": samples.stopped,
        **conditions(load, read_load(), seconds, steps),
    }
    recorder.put("step_time", *samples.seconds)
    recorder.put("faults_per_step", told["faults"] / steps)
    if "kernel" in told and recorder.request.case.device == "cpu":  # on a GPU it is the time of one that waits
        # of the same steps as step_time, which may count one of the warm-up
        recorder.put("kernel_time", told["kernel"] / seconds * statistics.median(samples.seconds))
    recorder.fields["warnings"] += warnings(told, samples.seconds, recorder.request.case.threads, usable_cpus())
    return samples


def _prove(answer: tuple[int, str | None]) -> int:
    """Steps that a proof of the fence made. Raises Invalid with what it found."""
    made, broken = answer
    if broken is not None:
        raise Invalid(broken)
    return made


def _put_peaks(recorder: Recorder, trial: Trial) -> None:
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


def _put_base(recorder: Recorder, theory: Footprint, held: int, findings: Findings) -> None:
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
