"""The table's part of a step by itself: lookup, gradient to the table, update. The difference of two whole steps hides
some hundred microseconds of table work in the scatter of the network.

Steady: pass behind pass. Displaced: before the lookup, and again before the gradient, the caches were filled with other
bytes, as a large network between them does; then the trial's threads are woken, which such a network leaves awake.
"""

from collections.abc import Callable

import numpy as np

from embbench.contenders import Contender
from embbench.contenders._ceilings import Kit, make_kit
from embbench.host.caches import cache_sizes
from embbench.host.counters import counted
from embbench.host.memory import huge_bytes
from embbench.spec.capabilities import TableAlone
from embbench.spec.contender import Path, Trial
from embbench.spec.streams import Tokens
from embbench.spec.workload import row_gradient
from embbench.worker.audit import Findings
from embbench.worker.ceilings import SHARE, rates_of
from embbench.worker.machine_states import MachineStates
from embbench.worker.recorder import Recorder
from embbench.worker.table_audit import hold_operations, hold_to_oracle
from embbench.worker.table_passes import BRIEF, FEW, LONG, Passes

SWEPT, LEAST_SWEPT, MOST_SWEPT = 1.25, 1 << 26, 1 << 29  # times the largest cache that is displaced; bytes
NEAR = 1 << 23  # bytes that the calling thread displaces by itself: more than the caches of one CPU
COUNTED = 10  # passes between two readings of the counters

OWN = "this contender's table is not stepped by itself"
HIDDEN = (
    "this contender's table is not stepped by itself: it does not show its state, to which the oracle would be held"
)


def measure_table(
    recorder: Recorder, contender: Contender, trial: Trial, tokens: Tokens, findings: Findings | None
) -> None:
    """Puts table_time and its parts, both steady and displaced, and the rates of rows at random places at this moment.
    To be called when nothing else is to be measured of the trial. findings: hold further passes to the oracle; None
    where the round has none. No number is put of passes that could not be held to it.
    """
    case, told = recorder.request.case, recorder.fields["conditions"]
    on_cpu = case.device == "cpu"
    programs = trial.table_alone() if isinstance(trial, TableAlone) else None
    if programs is None or not callable(getattr(trial, "inspect", None)):
        told["table_alone"] = OWN if programs is None else HIDDEN
        return
    ids, flow = tokens.ids, row_gradient(case)
    try:
        alone = Passes(programs, trial, ids, flow, recorder.clock)
        states = MachineStates(recorder.ask, recorder.clock)
        states.look(0)
        found = {"table": alone.steady()}
        states.look(1)
        counts = _count(alone)
        operations, one = alone.operations(), None
        if programs.one_token is not None:
            one = Passes(programs.one_token, trial, ids[:, :1, :1], flow[:1, :1], recorder.clock, BRIEF / 5)
        starts = {"table": one.steady(BRIEF)} if one is not None else {}
        kit = make_kit("cpu", case.threads, huge_bytes() > case.table_bytes / 2)
        if on_cpu:
            displace = _displacer(recorder, kit)
            found["displaced"] = alone.displaced(displace)
            states.look(2)
            if one is not None:
                starts["displaced"] = one.displaced(displace, FEW)
        if findings is not None:
            for passes in filter(None, (alone, one)):
                hold_to_oracle(contender, case, trial, passes, findings)
            hold_operations(case, alone, findings)
        rates = _rates(recorder, contender, kit) if on_cpu else {}
    except (MemoryError, RuntimeError) as error:  # what frameworks raise; the step itself was measured and stands
        told["table_alone"] = f"not measured: {type(error).__name__}: {error}"
        return
    for prefix, samples in found.items():
        _put(recorder, prefix, samples)
    for prefix, samples in starts.items():
        recorder.put(f"{prefix}_start", *(sum(each.values()) for each in samples))
    for name in operations[0] if operations else ():
        recorder.put(f"table_{name}", *(each[name] for each in operations))
    for name, values in rates.items():
        recorder.put(name, *values)
    _put_counts(recorder, counts)
    if seen := states.told:
        told["table_core_latency"] = seen["core_latency"]


def _displacer(recorder: Recorder, kit: Kit) -> Callable[[], None]:
    """Writes more bytes than the largest cache holds, as far as MOST_SWEPT and what is free allow, on as many threads
    as the case has; and some in the calling thread, whose CPU none of these may have been on.
    """
    largest = max(cache_sizes().values(), default=0)
    size = int(min(MOST_SWEPT, max(LEAST_SWEPT, SWEPT * largest), kit.free() // SHARE))
    sweep, near = kit.streams(size)["update"].run, np.ones(NEAR, np.uint8)
    recorder.fields["conditions"]["displaced_bytes"] = size

    def displace() -> None:
        sweep(1)
        np.add(near, 1, out=near)

    return displace


def _put(recorder: Recorder, prefix: str, samples: list[dict[str, float]]) -> None:
    recorder.put(f"{prefix}_time", *(sum(each.values()) for each in samples))
    for name in samples[0]:
        recorder.put(f"{prefix}_{name}", *(each[name] for each in samples))


def _count(alone: Passes) -> dict[str, float] | str:
    """Events of COUNTED passes, or why there are none."""

    def passes() -> None:
        for _ in range(COUNTED):
            alone.take()

    return "events of passes this long were not counted" if alone.usual > LONG else counted(passes)


def _put_counts(recorder: Recorder, found: dict[str, float] | str) -> None:
    """Misses of caches and of address translation a touched row, where the machine counts them."""
    if isinstance(found, str):
        recorder.fields["conditions"]["counters"] = found
        return
    for name, events in found.items():
        recorder.put(f"{name}_per_row", events / COUNTED / recorder.value("unique_rows"))


def _rates(recorder: Recorder, contender: Contender, kit: Kit) -> dict[str, tuple[float, ...]]:
    """How fast rows like the table's are read and written at random places at this moment, as many as a batch touches,
    of as many bytes as the table has, or as there is room for.
    """
    case, rows = recorder.request.case, int(recorder.value("unique_rows"))
    path = contender.declaration.path(case)
    assert isinstance(path, Path)
    row = case.dim * path.itemsize(case)
    size = max(row, min(case.vocab * row, kit.free() // SHARE))
    programs = kit.rows(size, row, max(rows, case.threads))
    return {f"{kind}_rate": rates_of(program, recorder.clock) for kind, program in programs.items()}
