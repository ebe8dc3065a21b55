"""The table's part of a step by itself: lookup, gradient to the table, update. The difference of two whole steps hides
some hundred microseconds of table work in the scatter of the network.

Steady: pass behind pass. Displaced: before the lookup, and again before the gradient, the caches were filled with other
bytes, as a large network between them does; then the trial's threads are woken, which such a network leaves awake.
"""

from collections.abc import Callable

import numpy as np

from embbench.cases.capabilities import TableAlone
from embbench.cases.case import Case
from embbench.cases.contender import Path, Trial
from embbench.cases.streams import Tokens, count_tokens
from embbench.cases.workload import row_gradient
from embbench.contenders import Contender
from embbench.engines.ceiling_kits import make_kit
from embbench.engines.ceilings import Kit
from embbench.host.caches import cache_sizes
from embbench.host.counters import counted
from embbench.host.memory import huge_bytes
from embbench.store.exchange import MachineState
from embbench.worker.audit import Findings
from embbench.worker.ceilings import SHARE, rates_of
from embbench.worker.clock import Clock
from embbench.worker.machine_states import MachineStates
from embbench.worker.note import NOTHING, Note, condition, measured
from embbench.worker.table_audit import hold_operations, hold_to_oracle
from embbench.worker.table_passes import BRIEF, FEW, LONG, TablePasses, totals

SWEPT, LEAST_SWEPT, MOST_SWEPT = 1.25, 1 << 26, 1 << 29  # times the largest cache that is displaced; bytes
NEAR = 1 << 23  # bytes that the calling thread displaces by itself: more than the caches of one CPU
OWN_HUGE = 1 << 25  # bytes of batches and the like, for which NumPy asks for huge pages by itself
COUNTED = 10  # passes between two readings of the counters

OWN = "this contender's table is not stepped by itself"
HIDDEN = (
    "this contender's table is not stepped by itself: it does not show its state, to which the oracle would be held"
)


def measure_table(
    contender: Contender,
    case: Case,
    trial: Trial,
    tokens: Tokens,
    findings: Findings | None,
    clock: Clock,
    ask: Callable[[], MachineState],
) -> Note:
    """table_time and its parts, both steady and displaced, and the rates of rows at random places at this moment. To be
    called when nothing else is to be measured of the trial. findings: hold further passes to the oracle; None where the
    round has none. ask: tells the machine's state. There is no number of passes that could not be held to the oracle.
    """
    programs = trial.table_alone() if isinstance(trial, TableAlone) else None
    if programs is None or not callable(getattr(trial, "inspect", None)):
        return condition(table_alone=OWN if programs is None else HIDDEN)
    try:
        alone, states = TablePasses(programs, trial, tokens.ids, row_gradient(case), clock), MachineStates(ask, clock)
        note = _measure(alone, states)
        one, explained = _explain(alone, trial, clock)
        kit = make_kit("cpu", case.threads, huge_bytes() - OWN_HUGE > case.table_bytes / 2)
        if case.device == "cpu":
            note += _measure_displaced(alone, one, kit, states)
        if findings is not None:
            for passes in filter(None, (alone, one)):
                hold_to_oracle(contender, case, trial, passes, findings)
            hold_operations(case, alone, findings)
        if case.device == "cpu":
            note += _rates(contender, case, count_tokens(tokens.ids).unique, kit, clock)
    except (MemoryError, RuntimeError) as error:  # what frameworks raise; the step itself was measured and stands
        return condition(table_alone=f"not measured: {type(error).__name__}: {error}")
    told = states.told
    return note + explained + (condition(table_core_latency=told["core_latency"]) if told else NOTHING)


def _measure(alone: TablePasses, states: MachineStates) -> Note:
    """Pass behind pass, and what the machine counts in that."""
    states.look(0)
    note = _times("table", alone.steady())
    states.look(1)
    return note + _misses(alone)


def _explain(alone: TablePasses, trial: Trial, clock: Clock) -> tuple[TablePasses | None, Note]:
    """Passes of one token a batch, None where there are none; these and the operations timed, or why they were not."""
    programs, one = alone.programs.one_token, None
    try:
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
    """Bytes, and what writes so many: more than the largest cache holds, as far as MOST_SWEPT and what is free allow,
    on as many threads as the case has; and some in the calling thread, whose CPU none of these may have been on.
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
    """Misses of caches and of address translation a touched row, where the machine counts them, in COUNTED passes."""

    def passes() -> None:
        for _ in range(COUNTED):
            alone.take()

    found = "events of passes this long were not counted" if alone.usual > LONG else counted(passes)
    if isinstance(found, str):
        return condition(counters=found)
    note, rows = NOTHING, count_tokens(alone.ids).unique
    for name, events in found.items():
        note += measured(f"{name}_per_row", events / COUNTED / rows)
    return note


def _rates(contender: Contender, case: Case, unique: float, kit: Kit, clock: Clock) -> Note:
    """How fast rows like the table's are read and written at random places at this moment, as many as a batch touches,
    of as many bytes as the table has, or as there is room for.
    """
    path = contender.declaration.path(case)
    assert isinstance(path, Path)
    row, note = case.dim * path.itemsize(case), NOTHING
    size = max(row, min(case.vocab * row, kit.free() // SHARE))
    for kind, program in kit.rows(size, row, max(int(unique), case.threads)).items():
        note += measured(f"{kind}_rate", *rates_of(program, clock))
    return note
