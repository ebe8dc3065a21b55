"""One round: import, build, first step, warm-up, timed samples, audit. Each phase is a metric of its own."""

import functools
import os
import statistics
from pathlib import Path
from typing import cast

from embbench.cases.contender import Module, Skip, Trial, Unsupported
from embbench.cases.declared import declare
from embbench.cases.streams import Tokens
from embbench.cases.update_path import Path as PathOfUpdate
from embbench.contenders import Contender, beware, load_for, read, software
from embbench.host.memory import reset_peak, resident_bytes
from embbench.store.exchange import TURNS
from embbench.store.round import Round
from embbench.worker.audit import Findings, audit_small
from embbench.worker.batches import about_source, draw
from embbench.worker.claims import check_claims
from embbench.worker.learning import learning
from embbench.worker.loaded_code import loaded, shadowed
from embbench.worker.memory_rate import BEYOND, memory_rate
from embbench.worker.note import Note, condition, measured, warned
from embbench.worker.parts import take_apart
from embbench.worker.peaks import base_and_ratios, device_peak, device_step_peaks, host_build_peak, host_step_peaks
from embbench.worker.ranks.join import about_ranks, join
from embbench.worker.ranks.lead import LeadTrial
from embbench.worker.recorder import Recorder
from embbench.worker.runtime import about_runtime, check_runtime
from embbench.worker.slowed_trial import Slowed
from embbench.worker.steady import Invalid, time_steps
from embbench.worker.steps_only import SHOWN, complete, missing, unproven
from embbench.worker.table_alone import measure_table
from embbench.worker.timed_audit import TimedAudit
from embbench.worker.training import NO_LOSS, train
from embbench.worker.turns_with_reference import take_turns
from embbench.workloads import is_claimed, workload_of
from embbench.workloads._footprint import footprint_of, is_known


def do_round(recorder: Recorder) -> Round:
    """The whole round. Errors of the contender's file are raised to the worker's outermost frame."""
    contender = read(Path(recorder.request.contender), checked=False)
    recorder.software = software(contender, recorder.request.case.runtime)
    recorder.tell_code = lambda: loaded(contender)
    recorder.add(Note(declared=declare(contender.declaration, recorder.request.case)))
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
    check_runtime(case.runtime)
    for text in beware(contender, case.device):
        recorder.add(warned("known-bad-version", text))
    recorder.enter("import")
    module: Module = recorder.timed("import_time", lambda: load_for(case, contender))
    if read(Path(contender.path), checked=False).digest != contender.digest:
        raise Invalid(f"{contender.path}: the file changed while embbench loaded it: measure again")
    for text in shadowed(contender):
        recorder.add(warned("shadowed-module", text))
    if recorder.request.planted:
        recorder.add(condition(planted=recorder.request.planted))
        from embbench.lies import plant  # loads no code of lies unless a lie is planted

        plant(recorder.request.planted, module, contender.declaration)
    recorder.add(condition(resident_after_import=resident_bytes()))
    if (hash_seed := os.environ.get("PYTHONHASHSEED")) is not None:
        recorder.add(condition(hash_seed=hash_seed))
    if recorder.request.slowdown is not None:
        recorder.add(condition(slowdown=recorder.request.slowdown))
    recorder.add(about_source(recorder.request.source))
    tokens, drawn = draw(recorder.request)
    recorder.add(drawn)
    if recorder.request.rank is not None:
        joined = join(recorder, recorder.request.rank, module, tokens)
        if joined is None:
            return recorder.finish("ok")
        module = joined
    theory = footprint_of(case, contender.declaration)
    if is_known(case):
        recorder.add(measured("theoretical_peak", theory.total))
    findings = Findings(contender.declaration.semantic(case), case.dtype, path.kept(case.optimizer))
    held, proven, trial = _timed_program(recorder, contender, module, tokens, findings)
    network = not is_claimed(workload_of(case))
    if recorder.request.checked:
        recorder.enter("end")  # the launch then knows that no more steps are made
    recorder.add(base_and_ratios(case, recorder.found, theory, held, findings))
    recorder.add(Note(loaded=loaded(contender)))  # of the timed program; later phases may load more
    if proven and not recorder.request.checked:
        if network:
            audit_small(contender, module.prepare, case, findings)
        recorder.add(Note(audit=findings.verdict()))
    if path.precision is not None:
        recorder.add(Note(ran={"precision": str(path.precision)}))
    if findings.left_out:
        text = f"the audit did not check {findings.left_out}; everything else was checked"
        recorder.add(warned("audit-in-part", text))
    if findings.difference is not None:
        return recorder.finish("invalid", findings.difference)
    if protocol.training:
        recorder.enter("training")
        recorder.complete = True
        with recorder.once():
            first = recorder.found.value("first_step_time")
            learns = proven and network
            recorder.add(train(recorder.request, first, module.prepare, recorder.clock) if learns else NO_LOSS)
    if proven and recorder.turns is None:  # sides that take turns are compared by their time alone
        recorder.complete = True
        recorder.add(learning(recorder.request, module.prepare, recorder.enter))
    if trial is not None and (reference := recorder.request.reference) is not None:
        recorder.complete = True
        recorder.enter(TURNS)
        step = statistics.median(recorder.found.metrics["step_time"].values)
        before = recorder.found.conditions["resident_after_import"]
        make = functools.partial(module.prepare, reference, tokens)
        recorder.add(take_turns(trial, case, reference, make, step, before, protocol, recorder.clock))
    return recorder.finish("ok")


def _timed_program(
    recorder: Recorder, contender: Contender, module: Module, tokens: Tokens, findings: Findings
) -> tuple[int, bool, Trial | None]:
    """Builds the trial, times it and compares it with the oracle, or holds it to the claims of its workload. Returns
    the bytes that were resident with the trial, whether the trial shows what this needs, and the trial if its steps
    take turns later; else it is freed.
    """
    case, workload = recorder.request.case, workload_of(recorder.request.case)
    recorder.enter("build")
    trial = _build(recorder, module, tokens)
    recorder.enter("first step")
    lacking = missing(trial, workload.SHOWN if is_claimed(workload) else SHOWN)
    timed = None if lacking or is_claimed(workload) else TimedAudit(contender, case, tokens, trial)
    claims = workload.start_claims(case, tokens, trial) if is_claimed(workload) and not lacking else None
    if lacking:
        recorder.add(unproven(lacking))
    if not reset_peak():
        text = "this system cannot reset the memory peak: host_step_peak includes the build"
        recorder.add(warned("peak-not-reset", text))
    recorder.timed("first_step_time", lambda: (trial.step(), trial.sync()))
    if timed is not None:
        timed.saw_first_step()
    steps = 1 + time_steps(recorder, trial, None if timed is None else tokens.ids[0, :, -1])
    recorder.add(host_step_peaks(recorder.found.value("host_build_peak")))
    recorder.add(device_step_peaks(trial))
    if recorder.request.rank is not None:
        path = contender.declaration.path(case)
        assert isinstance(path, PathOfUpdate)
        # In a job that others started, each rank may have CPUs of its own.
        here = 1 + len(recorder.beside) if recorder.request.rank.local is None else 1
        spread = contender.declaration.spread_of(case)
        made, note = about_ranks(cast(LeadTrial, trial), case, spread, path, tokens, here, recorder.clock)
        steps += made
        recorder.add(note)
    elif contender.declaration.spread and case.device == "cpu":  # beside the rates of several ranks, for predictions
        recorder.add(memory_rate(case.threads, recorder.clock, BEYOND))
    recorder.enter("audit")
    recorder.add(Note(ran={str(key): str(value) for key, value in trial.describe().items()}))
    recorder.add(about_runtime(case))
    step = statistics.median(recorder.found.metrics["step_time"].values)
    if timed is not None and not recorder.request.checked:
        timed.check_end(steps, findings, step)
    held = resident_bytes()
    if claims is not None and not recorder.request.checked:
        recorder.enter("claims")
        recorder.add(check_claims(claims, steps, findings))
        recorder.enter("audit")
    if recorder.request.protocol.phases:
        recorder.enter("phases")
        with recorder.once():
            recorder.add(take_apart(case, trial, step, recorder.clock))
        recorder.enter("audit")  # the audit of the small case follows after the trial is freed
    if recorder.request.protocol.table_alone:
        recorder.enter("table")
        held_to = None if recorder.request.checked else findings
        recorder.add(measure_table(contender, case, trial, tokens, held_to, recorder.clock, recorder.ask))
        recorder.enter("audit")
    return held, not lacking, None if recorder.request.reference is None else trial


def _build(recorder: Recorder, module: Module, tokens: Tokens) -> Trial:
    reset_peak()

    def build() -> Trial:
        trial = module.prepare(recorder.request.case, tokens)
        trial.sync()
        share = recorder.request.slowdown
        trial = complete(trial)
        return trial if share is None else cast(Trial, Slowed(trial, share, recorder.clock))

    trial: Trial = recorder.timed("build_time", build)
    recorder.add(host_build_peak())
    recorder.add(device_peak(trial, "device_build_peak"))
    return trial
