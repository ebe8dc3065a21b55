"""The steady state of a trial: warm-up, timed samples and their disturbances, and the proof of the fence."""

import os
import statistics
from typing import Any

import numpy as np

from embbench.cases.contender import Trial
from embbench.cases.disturbance import beside_others, crowding
from embbench.host.load import counted_cpus, queue_wait, read_load, time_of_others
from embbench.host.memory import descendants
from embbench.worker.bystanders import Bystanders
from embbench.worker.cheap_steps import cheap_steps
from embbench.worker.conditions import conditions, warnings
from embbench.worker.device_states import DeviceStates
from embbench.worker.device_warnings import device_warnings
from embbench.worker.fence import is_linear, leak_after_fence, not_linear
from embbench.worker.machine_states import MachineStates
from embbench.worker.note import Note, condition, measured, warned
from embbench.worker.recorder import Recorder
from embbench.worker.resident import Resident, find_growth
from embbench.worker.sampling import Samples, block_steps, take_samples, warm_up
from embbench.worker.watched_steps import watch


class Invalid(Exception):
    """The trial cannot be timed, for example because its fence does not wait."""


def time_steps(recorder: Recorder, trial: Trial, read: np.ndarray | None) -> int:
    """Warms up, takes the timed samples and proves the fence. Returns the number of steps made. read: ids of rows to
    read for the proof; None if the trial shows no rows, and then the times of blocks alone prove the fence. Raises
    Invalid.
    """
    protocol, clock = recorder.request.protocol, recorder.clock
    recorder.enter("warm-up")
    warmed = recorder.timed("warmup_time", lambda: warm_up(trial, protocol, clock))
    recorder.add(condition(warmup={"steps": len(warmed.seconds), "converged": warmed.converged}))
    recorder.enter("measure")  # before the proof of the fence, so that showing the phase disturbs no sample
    made = len(warmed.seconds)
    if read is not None:
        made += _prove(leak_after_fence(trial, warmed.seconds[-1], read, clock))
    resident = Resident()
    samples = _sample(recorder, trial, warmed.seconds, resident)
    if recorder.request.watched and is_linear(samples):
        return made + samples.total_steps - samples.before
    with recorder.once():
        usual = statistics.median(samples.seconds)
        if not recorder.request.watched:
            more, note = find_growth(trial, samples.steps[0], usual, protocol.batches, resident, clock)
            recorder.add(note)
            made += more
        made += _prove(not_linear(trial, samples, read, clock))
        if read is not None and recorder.turns is None and recorder.request.case.device != "cpu":
            # A fence may wait long enough for one step, and too short for the steps that the host is ahead.
            steps = samples.steps[0]
            made += _prove(leak_after_fence(trial, steps * usual, read, clock, steps))
        if read is not None and recorder.turns is None and not recorder.request.watched:  # launches come in numbers
            more, note = watch(trial, usual, read, samples.total_steps, clock)
            recorder.add(note)
            made += more
    return made + samples.total_steps - samples.before


def _sample(recorder: Recorder, trial: Trial, warmed: tuple[float, ...], resident: Resident) -> Samples:
    """Takes the timed samples and records disturbances. warmed: seconds of the warm-up steps."""
    protocol, clock = recorder.request.protocol, recorder.clock
    case, ranks = recorder.request.case, 1 if recorder.request.rank is None else recorder.request.case.ranks
    cpus, threads = counted_cpus(), case.threads if ranks == 1 else case.threads_of_rank
    step = statistics.median(warmed[-3:])
    size = block_steps(step, protocol, clock, case.device)
    # A step longer than the whole warm-up is a sample already: measuring such a step again would waste seconds.
    before = warmed if len(warmed) == size == 1 and recorder.turns is None else ()
    states, devices = MachineStates(recorder.ask, clock), DeviceStates(clock)
    states.look(len(before))
    # Between turns the other side computes on the same GPU, so other programs are not looked for.
    own = None if recorder.turns is not None else {os.getpid(), *recorder.beside, *descendants()}
    with devices.window(0 if case.device == "cpu" else case.ranks, own):
        load, begin = read_load(), clock()
        bystanders = Bystanders(clock, cpus, threads * ranks, lambda: time_of_others(recorder.beside))

        def between(steps: int, count: int) -> None:
            bystanders.aside(devices.look)  # first: the clocks are those of the block for a moment only
            resident.look(steps)
            bystanders.aside(lambda: states.sampled(count))

        if recorder.turns is None:
            samples = take_samples(
                trial, size, protocol, clock, before, between, queue_wait,
                lambda: beside_others(bystanders.crowding), threads,
            )  # fmt: skip
            told: dict[str, Any] = {"sample_waits": list(samples.waits)}
            if (others := bystanders.crowding) is not None:
                told["others"] = others
        else:
            samples = recorder.turns.take(trial, size, step, clock, between)
            states.seen += recorder.turns.seen
            told = {"turn_faults": recorder.turns.faults, "turn_waits": recorder.turns.waits}
            if (others := recorder.turns.others) is not None:  # during the turns only: between turns the other side ran
                told["others"] = crowding(others, cpus, threads)
        seconds, steps = (clock() - begin) / 1e9 - states.spent - devices.spent, samples.total_steps - samples.before
        told |= {
            "block_steps": samples.steps[0],
            "stopped": samples.stopped,
            **conditions(load, read_load(), seconds, steps),
        }
    states.look(len(samples.seconds))
    told |= states.told | devices.told
    found = warnings(told, samples.seconds, threads, cpus) + device_warnings(told)
    recorder.add(Note(conditions=told, warnings=found) + measured("step_time", *samples.seconds))
    recorder.add(measured("faults_per_step", told["faults"] / steps))
    if "kernel" in told and recorder.request.case.device == "cpu":  # on a GPU it is the time of a waiting CPU
        # for the same steps as step_time, which may include a warm-up step
        recorder.add(measured("kernel_time", told["kernel"] / seconds * statistics.median(samples.seconds)))
    if (text := cheap_steps(samples, found)) is not None:
        recorder.add(warned("cheap-steps", text))
    return samples


def _prove(answer: tuple[int, str | None]) -> int:
    """The number of steps that a proof of the fence made. Raises Invalid if the proof failed."""
    made, broken = answer
    if broken is not None:
        raise Invalid(broken)
    return made
