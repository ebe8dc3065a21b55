"""The table's part of a step alone: lookup, gradient to the table, update. In the difference of two whole steps, the
scatter of the network hides some hundred microseconds of table work.

Steady: pass after pass. Displaced: before the lookup, and again before the gradient, the caches are filled with other
bytes, as a large network does. Then the trial's threads are woken, since such a network leaves them awake.
"""

from collections.abc import Callable

import numpy as np

from embbench.cases.capabilities import TableAlone, offers
from embbench.cases.case import Case
from embbench.cases.contender import Trial
from embbench.cases.streams import Tokens, count_tokens
from embbench.cases.update_path import Path
from embbench.cases.workload import row_gradient
from embbench.contenders import Contender
from embbench.engines.ceiling_kits import NEEDS, make_kit
from embbench.engines.ceilings import Kit
from embbench.host.caches import cache_sizes
from embbench.host.counters import counted
from embbench.host.memory import huge_bytes
from embbench.store.exchange import MachineState
from embbench.worker.audit import Findings
from embbench.worker.ceilings import SHARE, rates_of
from embbench.worker.clock import Clock
from embbench.worker.failures import memory_errors
from embbench.worker.machine_states import MachineStates
from embbench.worker.note import NOTHING, Note, condition, measured
from embbench.worker.table_audit import hold_operations, hold_to_oracle
from embbench.worker.table_passes import BRIEF, FEW, LONG, TablePasses, totals

SWEPT, LEAST_SWEPT, MOST_SWEPT = 1.25, 1 << 26, 1 << 29  # displaced multiple of the largest cache; bytes
NEAR = 1 << 23  # bytes that the calling thread displaces: more than the caches of one CPU hold
OWN_HUGE = 1 << 25  # bytes of batches and other arrays for which NumPy itself asks for huge pages
COUNTED = 10  # passes between two readings of the counters

OWN = "this contender cannot step its table alone"
HIDDEN = "the table was not stepped alone: this contender does not show its state, so the oracle could not check it"


def measure_table(
    contender: Contender,
    case: Case,
    trial: Trial,
    tokens: Tokens,
    findings: Findings | None,
    clock: Clock,
    ask: Callable[[], MachineState],
) -> Note:
    """table_time and its parts, both steady and displaced, and the present rates of rows at random places. Call it
    last, when nothing else of the trial is to be measured. findings: gets the comparison of further passes with the
    oracle; None to skip it. ask: reads the machine's state. Passes that the oracle could not check give no numbers.
    """
    try:
        with memory_errors():
            programs = trial.table_alone() if offers(trial, TableAlone) else None
            if programs is None or not callable(getattr(trial, "inspect", None)):
                return condition(table_alone=OWN if programs is None else HIDDEN)
            alone = TablePasses(programs, trial, tokens.ids, row_gradient(case), clock)
            return _measure_all(contender, case, trial, tokens, findings, alone, MachineStates(ask, clock), clock)
    except (MemoryError, RuntimeError) as error:  # what frameworks raise; the step itself was measured and stands
        return condition(table_alone=f"not measured: {type(error).__name__}: {error}")


def _measure_all(
    contender: Contender,
    case: Case,
    trial: Trial,
    tokens: Tokens,
    findings: Findings | None,
    alone: TablePasses,
    states: MachineStates,
    clock: Clock,
) -> Note:
    note = _measure(alone, states)
    one, explained = _explain(alone, trial, clock)
    kit = make_kit("cpu", case.threads, huge_bytes() - OWN_HUGE > case.table_bytes / 2)
    if case.device == "cpu":
        note += _measure_displaced(alone, one, kit, states)
    if findings is not None:
        for passes in filter(None, (alone, one)):
            hold_to_oracle(contender, case, trial, passes, findings)
        hold_operations(case, alone, findings)
    if case.device == "cpu" or NEEDS[case.device] in contender.declaration.packages:  # no second framework on a GPU
        there = kit if case.device == "cpu" else make_kit(case.device, case.threads, False)
        note += _rates(contender, case, count_tokens(tokens.ids).unique, there, clock)
    told = states.told
    return note + explained + (condition(table_core_latency=told["core_latency"]) if told else NOTHING)


def _measure(alone: TablePasses, states: MachineStates) -> Note:
    """Steady passes, and the hardware events in them."""
    states.look(0)
    note = _times("table", alone.steady())
    states.look(1)
    return note + _misses(alone)


def _explain(alone: TablePasses, trial: Trial, clock: Clock) -> tuple[TablePasses | None, Note]:
    """(passes of one token per batch or None, note with the times of these passes and of the operations, or the reason
    for missing times).
    """
    programs, one = alone.programs.one_token, None
    try:
        with memory_errors():
            operations = alone.operations()
            if programs is not None:
                one = TablePasses(programs, trial, alone.ids[:, :1, :1], alone.flow[:1, :1], clock, BRIEF / 5)
            starts = totals(one.steady(BRIEF)) if one is not None else []
    except (MemoryError, RuntimeError) as error:
        return None, condition(table_alone=f"operations not measured: {type(error).__name__}: {error}")
    note = measured("table_start", *starts) if starts else NOTHING
    for name in operations[0] if operations else ():
        note += measured(f"table_{name}", *(each[name] for each in operations))
    return one, note


def _measure_displaced(alone: TablePasses, one: TablePasses | None, kit: Kit, states: MachineStates) -> Note:
    size, displace = _displacer(kit)
    note = condition(displaced_bytes=size) + _times("displaced", alone.displaced(displace))
    states.look(2)
    return note if one is None else note + measured("displaced_start", *totals(one.displaced(displace, FEW)))


def _displacer(kit: Kit) -> tuple[int, Callable[[], None]]:
    """(bytes, function that writes so many bytes). The bytes exceed the largest cache as far as MOST_SWEPT and the free
    memory allow. The function writes on all threads of the case, and then in the calling thread, since perhaps no other
    thread ran on its CPU.
    """
    largest = max(cache_sizes().values(), default=0)
    size = int(min(MOST_SWEPT, max(LEAST_SWEPT, SWEPT * largest), kit.free() // SHARE))
    sweep, near = kit.streams(size)["update"].run, np.ones(NEAR, np.uint8)

    def displace() -> None:
        sweep(1)
        np.add(near, 1, out=near)

    return size, displace


def _times(prefix: str, samples: list[dict[str, float]]) -> Note:
    note = measured(f"{prefix}_time", *totals(samples))
    for name in samples[0]:
        note += measured(f"{prefix}_{name}", *(each[name] for each in samples))
    return note


def _misses(alone: TablePasses) -> Note:
    """Cache and address translation misses per touched row in COUNTED passes, if the machine counts them."""

    def passes() -> None:
        for _ in range(COUNTED):
            alone.take()

    found = "hardware events are not counted in passes this long" if alone.usual > LONG else counted(passes)
    if isinstance(found, str):
        return condition(counters=found)
    note, rows = NOTHING, count_tokens(alone.ids).unique
    for name, events in found.items():
        note += measured(f"{name}_per_row", events / COUNTED / rows)
    return note


def _rates(contender: Contender, case: Case, unique: float, kit: Kit, clock: Clock) -> Note:
    """The present rates of reading and writing rows at random places: rows of the table's size, as many rows as a batch
    touches, in an array of the table's size or of the free memory.
    """
    path = contender.declaration.path(case)
    assert isinstance(path, Path)
    row, note = case.dim * path.itemsize(case), NOTHING
    size = max(row, min(case.vocab * row, kit.free() // SHARE))
    for kind, program in kit.rows(size, row, max(int(unique), case.threads)).items():
        note += measured(f"{kind}_rate", *rates_of(program, clock))
    return note
