"""The parts of a step, timed as separate programs. Parts and step take turns, so that a machine that slows down
meanwhile slows all of them.
"""

from collections.abc import Callable, Sequence

from embbench.cases.capabilities import Divisible, Profiled, offers
from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.workload_parts import metric_of, parts_of
from embbench.worker.clock import Clock, time_calls
from embbench.worker.failures import memory_errors
from embbench.worker.memory_rate import memory_rate
from embbench.worker.note import NOTHING, Note, condition, measured
from embbench.worker.sampling import disagree, seconds_ahead

BUDGET = 1.5  # seconds of cycles
CYCLES = (2, 15)  # least and most cycles
LONGEST = 4.0  # seconds of cycles after which one cycle is enough: further rounds repeat it
AGAIN = 10.0  # seconds of two cycles with unlike steps from which on there is no third cycle
BLOCK = 5e-3  # least seconds of a part within a cycle
MOST_CALLS = 1000
PROFILED, LEAST_PROFILED, MOST_PROFILED = 0.5, 3, 10  # seconds of profiled steps, least and most profiled steps
LONG = 0.5  # seconds from which on a call is too slow to be repeated as a warm-up


def take_apart(case: Case, trial: Trial, step: float, clock: Clock) -> Note:
    """phase_step and the parts that the trial has, one value per cycle. Call it last, when nothing else of the trial
    is to be measured. step: seconds per step, after warm-up.
    """
    try:
        with memory_errors():
            parts = trial.parts() if offers(trial, Divisible) else {}
            if not parts:
                return condition(phases="this contender does not show the parts of its step")
            found = _measure(case, trial, parts, step, clock)
    except (MemoryError, RuntimeError) as error:  # what frameworks raise; the step itself was measured and stands
        return condition(phases=f"not taken apart: {type(error).__name__}: {error}")
    return found + (memory_rate(case.threads, clock) if case.device == "cpu" else NOTHING)


def _measure(case: Case, trial: Trial, parts: dict[str, Callable[[], None]], step: float, clock: Clock) -> Note:
    programs = {"step": parts.get("step", trial.step)}
    programs |= {name: parts[name] for name in parts_of(case.workload) if name in parts}
    last = {"step": step}
    last |= {name: _first_call(programs[name], trial.sync, clock) for name in programs if name != "step"}
    values: dict[str, list[float]] = {name: [] for name in programs}
    profiled: dict[str, list[float]] = {}
    note, spent = NOTHING, 0.0
    for cycle in range(CYCLES[1]):
        if _enough(values["step"], spent):
            break
        for name, run in programs.items():
            calls = _calls(last[name], case.device)
            block = time_calls(run, trial.sync, calls, clock)
            spent, last[name] = spent + block, block / calls
            values[name].append(last[name])
            # in the same cycle as the parts, which it checks, and after a step, which frees memory that parts keep
            if name == "step" and cycle < _profiles(last[name]) and case.device == "cpu" and offers(trial, Profiled):
                note += _profile(trial, _steps(last[name]), profiled)
    if case.device != "cpu" and offers(trial, Profiled):  # last: a profiler of a GPU slows down all later steps
        for _ in range(_profiles(last["step"])):
            note += _profile(trial, _steps(last["step"]), profiled)
    for name, found in values.items():
        note += measured(metric_of(name), *found)
    for name, found in profiled.items():
        note += measured(f"profiled_{name}", *found)
    return note


def _enough(steps: Sequence[float], spent: float) -> bool:
    """steps: seconds of the step in each cycle so far. spent: seconds of these cycles."""
    if not steps or (disagree(steps) and spent < AGAIN):
        return False
    return spent > LONGEST or (len(steps) >= CYCLES[0] and spent > BUDGET)


def _steps(seconds: float) -> int:
    """How many steps to profile. seconds: per step."""
    return 1 if seconds > LONG else max(LEAST_PROFILED, min(MOST_PROFILED, round(PROFILED / seconds)))


def _profiles(seconds: float) -> int:
    """How often to profile. seconds: per step."""
    return 1 if seconds > LONG else CYCLES[0]


def _profile(trial: Profiled, steps: int, found: dict[str, list[float]]) -> Note:
    """Adds the profiled seconds to `found`; a condition with the reason if the profiler fails."""
    try:
        with memory_errors():
            profiled = trial.profile(steps)
        for name, seconds in profiled.items():
            found.setdefault(name, []).append(seconds)
    except (ImportError, MemoryError, OSError, RuntimeError, ValueError) as error:  # only a check
        return condition(profile=f"not profiled: {type(error).__name__}: {error}")
    return NOTHING


def _first_call(run: Callable[[], None], sync: Callable[[], None], clock: Clock) -> float:
    """Seconds of a call. A short first call may have compiled, so the second call counts then."""
    seconds = time_calls(run, sync, 1, clock)
    return seconds if seconds > LONG else time_calls(run, sync, 1, clock)


def _calls(seconds: float, device: str) -> int:
    """How many calls a block needs. seconds: per call."""
    least = max(BLOCK, seconds_ahead(seconds, device))
    return min(MOST_CALLS, max(1, round(least / max(seconds, 1e-9))))
