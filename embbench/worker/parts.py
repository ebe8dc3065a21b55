"""A step taken apart: its parts timed as programs of their own, in turns with the step itself, so that a machine that
slows down meanwhile slows them all.
"""

from collections.abc import Callable, Sequence

from embbench.cases.capabilities import PARTS, WITHIN, Divisible, Profiled
from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.engines.ceiling_kits import make_kit
from embbench.worker.ceilings import SHARE, rates_of
from embbench.worker.clock import Clock, time_calls
from embbench.worker.note import NOTHING, Note, condition, measured
from embbench.worker.sampling import disagree

BUDGET = 1.5  # seconds of cycles
CYCLES = (2, 15)  # at least, at most
LONGEST = 4.0  # seconds of a first cycle that is not made once more: rounds repeat it
AGAIN = 10.0  # seconds of two cycles, whose steps disagree, from which on there is no third
BLOCK = 5e-3  # seconds that a part lasts at least within a cycle
MOST_CALLS = 1000
PROFILED, LEAST_PROFILED, MOST_PROFILED = 0.5, 3, 10  # seconds of steps, and steps, that a profiler watches
LONG = 0.5  # seconds from which on a call is too dear to be made for nothing
MEMORY = 1 << 27  # bytes: beyond the caches that a process has to itself


def take_apart(case: Case, trial: Trial, step: float, clock: Clock) -> Note:
    """phase_step and the parts that the trial has, a value a cycle. To be called when nothing else is to be measured of
    the trial. step: seconds of one, which has run often enough.
    """
    try:
        parts = trial.parts() if isinstance(trial, Divisible) else {}
        if not parts:
            return condition(phases="this contender's step is not taken apart")
        found = _measure(trial, parts, step, clock)
    except (MemoryError, RuntimeError) as error:  # what frameworks raise; the step itself was measured and stands
        return condition(phases=f"not taken apart: {type(error).__name__}: {error}")
    return found + (_rate(case.threads, clock) if case.device == "cpu" else NOTHING)


def _measure(trial: Trial, parts: dict[str, Callable[[], None]], step: float, clock: Clock) -> Note:
    programs = {name: parts[name] for name in (*PARTS, *WITHIN) if name in parts}
    programs = {"step": parts.get("step", trial.step), **programs}
    last = {"step": step}
    last |= {name: _first_call(programs[name], trial.sync, clock) for name in programs if name != "step"}
    values: dict[str, list[float]] = {name: [] for name in programs}
    profiled: dict[str, list[float]] = {}
    note, spent = NOTHING, 0.0
    for cycle in range(CYCLES[1]):
        if _enough(values["step"], spent):
            break
        for name, run in programs.items():
            calls = _calls(last[name])
            block = time_calls(run, trial.sync, calls, clock)
            spent, last[name] = spent + block, block / calls
            values[name].append(last[name])
            # beside the parts that it is a check of, and after a step, which lets go of what they keep
            if name == "step" and cycle < (1 if last[name] > LONG else CYCLES[0]) and isinstance(trial, Profiled):
                note += _profile(trial, _steps(last[name]), profiled)
    for name, found in values.items():
        note += measured(f"phase_{name}", *found)
    for name, found in profiled.items():
        note += measured(f"profiled_{name}", *found)
    return note


def _enough(steps: Sequence[float], spent: float) -> bool:
    """steps: seconds of those in the cycles so far. spent: seconds of these cycles."""
    if not steps or (disagree(steps) and spent < AGAIN):
        return False
    return spent > LONGEST or (len(steps) >= CYCLES[0] and spent > BUDGET)


def _steps(seconds: float) -> int:
    """To be profiled, of one of so many seconds."""
    return 1 if seconds > LONG else max(LEAST_PROFILED, min(MOST_PROFILED, round(PROFILED / seconds)))


def _profile(trial: Profiled, steps: int, found: dict[str, list[float]]) -> Note:
    """Adds seconds to what was found; why not, where the profiler fails."""
    try:
        for name, seconds in trial.profile(steps).items():
            found.setdefault(name, []).append(seconds)
    except (ImportError, MemoryError, OSError, RuntimeError, ValueError) as error:  # it is a check, and no more
        return condition(profile=f"not profiled: {type(error).__name__}: {error}")
    return NOTHING


def _rate(threads: int, clock: Clock) -> Note:
    """How fast memory is at this moment: on a shared machine it may be twice as slow as an hour ago, and then a step
    would seem to read its table twice as often.
    """
    kit = make_kit("cpu", threads)
    size = max(1 << 20, min(MEMORY, kit.free() // SHARE))
    try:
        return measured("update_rate", *rates_of(kit.streams(size)["update"], clock))
    except MemoryError as error:
        return condition(phases=f"without the rate of memory: {type(error).__name__}: {error}")


def _first_call(run: Callable[[], None], sync: Callable[[], None], clock: Clock) -> float:
    """Seconds of a call that may compile. Where it did not, another one tells more."""
    seconds = time_calls(run, sync, 1, clock)
    return seconds if seconds > LONG else time_calls(run, sync, 1, clock)


def _calls(seconds: float) -> int:
    """For a block that outlasts BLOCK."""
    return min(MOST_CALLS, max(1, round(BLOCK / max(seconds, 1e-9))))
