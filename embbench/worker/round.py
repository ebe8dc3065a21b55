"""One round: import, build, first step, warm-up, timed samples, audit. Each phase is a metric of its own."""

import os
import statistics
from pathlib import Path
from typing import cast

from embbench.contenders import Contender, beware, load, read, software
from embbench.host.load import counted_cpus, queue_wait, read_load
from embbench.host.memory import reset_peak, resident_bytes
from embbench.spec.contender import Module, Skip, Trial, Unsupported
from embbench.spec.declared import declare
from embbench.spec.disturbance import beside_others, crowding
from embbench.spec.footprint import footprint
from embbench.spec.streams import Tokens
from embbench.store.round import Round
from embbench.worker.audit import Findings, audit_small
from embbench.worker.batches import draw
from embbench.worker.bystanders import Bystanders
from embbench.worker.cheap import cheap_steps
from embbench.worker.conditions import conditions, warnings
from embbench.worker.fence import is_linear, leak_after_fence, not_linear
from embbench.worker.loaded import loaded, shadowed
from embbench.worker.machine_states import MachineStates
from embbench.worker.peaks import put_base, put_build_peak, put_peaks
from embbench.worker.phases import take_apart
from embbench.worker.recorder import Recorder
from embbench.worker.resident import Resident, put_growth
from embbench.worker.sampling import Samples, block_steps, take_samples, warm_up
from embbench.worker.slowed import Slowed
from embbench.worker.table_alone import measure_table
from embbench.worker.training import train
from embbench.worker.watched import watch
from embbench.worker.witness import Witness


class Invalid(Exception):
    """The trial does not do what it must to be timed at all, such as wait at its fence."""


def do_round(recorder: Recorder) -> Round:
    """The whole round. Errors of the contender's file go through, to the worker's outermost frame."""
    contender = read(Path(recorder.request.contender))
    recorder.software = software(contender)
    recorder.tell_code = lambda: loaded(contender)
    recorder.fields["declared"] = declare(contender.declaration, recorder.request.case)
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
    if read(Path(contender.path)).digest != contender.digest:
        raise Invalid(f"{contender.path}: the file changed while it was loaded: measure again")
    for text in shadowed(contender):
        recorder.warn("shadowed-module", text)
    if recorder.request.planted:
        recorder.fields["conditions"]["planted"] = recorder.request.planted
        from embbench.lies import plant  # no code of a lie is loaded where none is asked for

        plant(recorder.request.planted, module, contender.declaration)
    recorder.fields["conditions"]["resident_after_import"] = resident_bytes()
    if (hash_seed := os.environ.get("PYTHONHASHSEED")) is not None:
        recorder.fields["conditions"]["hash_seed"] = hash_seed
    if recorder.request.slowdown is not None:
        recorder.fields["conditions"]["slowdown"] = recorder.request.slowdown
    tokens = draw(recorder)
    theory = footprint(case, path.copies, path.lookups, contender.declaration.onehot, path.itemsize(case))
    recorder.put("theoretical_peak", theory.total)
    findings = Findings(contender.declaration.semantic(case), case.dtype, path.kept(case.optimizer))
    held = _timed_program(recorder, contender, module, tokens, findings)
    if recorder.request.checked:
        recorder.enter("end")  # tells a launch that no more steps are made
    put_base(recorder, theory, held, findings)
    recorder.fields["loaded"] = loaded(contender)  # of what was timed; what comes may load more
    if not recorder.request.checked:
        audit_small(contender, module.prepare, case, findings)
        recorder.fields["audit"] = findings.verdict()
    if path.precision is not None:
        recorder.fields["ran"]["precision"] = str(path.precision)
    if findings.left_out:
        recorder.warn("audit-in-part", f"the audit left out {findings.left_out}; all else was checked")
    if findings.difference is not None:
        return recorder.finish("invalid", findings.difference)
    if protocol.training:
        recorder.enter("training")
        recorder.settled = True
        with recorder.once():
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
    put_peaks(recorder, trial)
    recorder.enter("audit")
    recorder.fields["ran"] = {str(key): str(value) for key, value in trial.describe().items()}
    if not recorder.request.checked:
        witness.testify(steps, findings, statistics.median(recorder.metrics["step_time"].values))
    held = resident_bytes()
    if recorder.request.protocol.phases:
        recorder.enter("phases")
        with recorder.once():
            take_apart(recorder, trial)
        recorder.enter("audit")  # in small, which comes after the trial has gone
    if recorder.request.protocol.table_alone:
        recorder.enter("table")
        measure_table(recorder, contender, trial, tokens, None if recorder.request.checked else findings)
        recorder.enter("audit")
    return held


def _build(recorder: Recorder, module: Module, tokens: Tokens) -> Trial:
    reset_peak()

    def build() -> Trial:
        trial = module.prepare(recorder.request.case, tokens)
        trial.sync()
        share = recorder.request.slowdown
        return trial if share is None else cast(Trial, Slowed(trial, share, recorder.clock))

    trial: Trial = recorder.timed("build_time", build)
    put_build_peak(recorder, trial)
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
    if recorder.request.watched and is_linear(samples):
        return made + samples.total_steps - samples.before
    with recorder.once():
        if not recorder.request.watched:
            made += put_growth(recorder, trial, samples.steps[0], resident)
        made += _prove(not_linear(trial, samples, tokens.ids[0, :, -1], clock))
        if recorder.turns is None and not recorder.request.watched:  # a launch is one of many
            usual = statistics.median(samples.seconds)
            made += watch(recorder, trial, tokens.ids[0, :, -1], usual, samples.total_steps)
    return made + samples.total_steps - samples.before


def _sample(recorder: Recorder, trial: Trial, warmed: tuple[float, ...], resident: Resident) -> Samples:
    """The timed window, with what disturbed it. warmed: seconds of the steps before it."""
    protocol, clock, told = recorder.request.protocol, recorder.clock, recorder.fields["conditions"]
    cpus, threads = counted_cpus(), recorder.request.case.threads
    step = statistics.median(warmed[-3:])
    size = block_steps(step, protocol, clock)
    # A step that outlasts the whole warm-up is a sample already: seconds must not be spent on measuring it again.
    before = warmed if len(warmed) == size == 1 and recorder.turns is None else ()
    states = MachineStates(recorder.ask, clock)
    states.look(len(before))
    load, begin = read_load(), clock()
    bystanders = Bystanders(clock, cpus, threads)

    def between(steps: int, count: int) -> None:
        resident.look(steps)
        bystanders.aside(lambda: states.sampled(count))

    if recorder.turns is None:
        samples = take_samples(
            trial, size, protocol, clock, before, between, queue_wait,
            lambda: beside_others(bystanders.crowding), threads,
        )  # fmt: skip
        told |= {"sample_waits": list(samples.waits)}
        if (others := bystanders.crowding) is not None:
            told["others"] = others
    else:
        samples = recorder.turns.take(trial, size, step, clock, between)
        states.seen += recorder.turns.seen
        told |= {"turn_faults": recorder.turns.faults, "turn_waits": recorder.turns.waits}
        if (others := recorder.turns.others) is not None:  # of the turns alone: between them the other side ran
            told["others"] = crowding(others, cpus, threads)
    seconds, steps = (clock() - begin) / 1e9 - states.spent, samples.total_steps - samples.before
    told |= {
        "block_steps": samples.steps[0],
        "stopped": samples.stopped,
        **conditions(load, read_load(), seconds, steps),
    }
    states.look(len(samples.seconds))
    told |= states.told
    recorder.put("step_time", *samples.seconds)
    recorder.put("faults_per_step", told["faults"] / steps)
    if "kernel" in told and recorder.request.case.device == "cpu":  # on a GPU it is the time of one that waits
        # of the same steps as step_time, which may count one of the warm-up
        recorder.put("kernel_time", told["kernel"] / seconds * statistics.median(samples.seconds))
    found = warnings(told, samples.seconds, threads, cpus)
    recorder.fields["warnings"] += found
    if (text := cheap_steps(samples, found)) is not None:
        recorder.warn("cheap-steps", text)
    return samples


def _prove(answer: tuple[int, str | None]) -> int:
    """Steps that a proof of the fence made. Raises Invalid with what it found."""
    made, broken = answer
    if broken is not None:
        raise Invalid(broken)
    return made
