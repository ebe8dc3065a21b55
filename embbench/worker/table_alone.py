"""The table's part of a step by itself: lookup, gradient to the table, update. The difference of two whole steps hides
some hundred microseconds of table work in the scatter of the network.

Steady: pass behind pass. Displaced: before the lookup, and again before the gradient, the caches were filled with other
bytes, as a large network between them does.
"""

import statistics
from collections.abc import Callable

import numpy as np

from embbench.contenders import Contender
from embbench.contenders._ceilings import Kit, make_kit
from embbench.host.caches import cache_sizes
from embbench.host.counters import counted
from embbench.oracle.step import Oracle
from embbench.spec.capabilities import Inspectable, TableAlone, TablePrograms
from embbench.spec.case import Case
from embbench.spec.contender import Trial
from embbench.spec.semantics import moves_others
from embbench.spec.streams import Tokens
from embbench.spec.workload import row_gradient
from embbench.worker.audit import Findings
from embbench.worker.batches import Batches
from embbench.worker.ceilings import SHARE, rates_of
from embbench.worker.clock import Clock
from embbench.worker.machine_states import MachineStates
from embbench.worker.recorder import Recorder

PARTS = ("lookup", "gradient", "update")
WARM = 3  # passes before the first that is timed: programs compile, and state is made
BUDGET = 0.4  # seconds of steady passes
BLOCK = 5e-3  # seconds that a sample of them lasts at least
LEAST, MOST = 5, 60  # samples
DISPLACED, LEAST_DISPLACED, MOST_DISPLACED = 0.8, 5, 20  # seconds with displacing, samples
SWEPT, LEAST_SWEPT, MOST_SWEPT = 1.25, 1 << 26, 1 << 29  # times the largest cache that is displaced; bytes
COUNTED = 10  # passes between two readings of the counters
MOST_OUTSIDE = 256  # rows outside the batch that are held to the oracle

WHEN = "the table's part by itself"


def measure_table(
    recorder: Recorder, contender: Contender, trial: Trial, tokens: Tokens, findings: Findings | None
) -> None:
    """Puts table_time and its parts, both steady and displaced, and the rates of rows at random places at this moment.
    To be called when nothing else is to be measured of the trial. findings: hold one more pass to the oracle; None
    where the round has none.
    """
    try:
        programs = trial.table_alone() if isinstance(trial, TableAlone) else None
        if programs is None:
            recorder.fields["conditions"]["table_alone"] = "this contender's table is not stepped by itself"
            return
        alone = Alone(programs, trial, len(tokens.ids), recorder.clock)
        states = MachineStates(recorder.ask, recorder.clock)
        states.look(0)
        _put(recorder, "table", alone.steady())
        states.look(1)
        _count(recorder, alone)
        kit = make_kit("cpu", recorder.request.case.threads)
        if recorder.request.case.device == "cpu":
            _put(recorder, "displaced", alone.displaced(_displacer(recorder, kit)))
            states.look(2)
        if told := states.told:
            recorder.fields["conditions"]["table_core_latency"] = told["core_latency"]
        if findings is not None:
            hold_to_oracle(contender, recorder.request.case, trial, tokens, alone, findings)
        if recorder.request.case.device == "cpu":
            _put_rates(recorder, kit)
    except (MemoryError, RuntimeError) as error:  # what frameworks raise; the step itself was measured and stands
        recorder.fields["conditions"]["table_alone"] = f"not measured: {type(error).__name__}: {error}"


class Alone:
    """Passes of the table's programs. batches: that they cycle through."""

    def __init__(self, programs: TablePrograms, trial: Trial, batches: int, clock: Clock) -> None:
        self.programs, self.made = programs, 0
        self._trial, self._batches, self._clock = trial, batches, clock
        for _ in range(WARM):
            self.take(_nothing)

    @property
    def batch(self) -> int:
        """Of the next pass."""
        return self.made % self._batches

    def take(self, displace: Callable[[], None]) -> dict[str, float]:
        """Seconds of each part of one pass."""
        programs, batch, clock, sync = self.programs, self.batch, self._clock, self._trial.sync
        displace()
        times = [clock()]
        programs.lookup(batch)
        sync()
        times.append(clock())
        found = {"lookup": times[1] - times[0]}
        if programs.gradient is not None:
            displace()
            begin = clock()
            programs.gradient()
            sync()
            middle = clock()
            found["gradient"] = middle - begin
            if programs.update is not None:
                programs.update()
                sync()
                found["update"] = clock() - middle
        self.made += 1
        return {name: nanoseconds / 1e9 for name, nanoseconds in found.items()}

    def steady(self) -> list[dict[str, float]]:
        """Samples: means over so many passes that they last BLOCK."""
        usual = statistics.median(sum(self.take(_nothing).values()) for _ in range(WARM))
        passes = max(1, round(BLOCK / max(usual, 1e-9)))
        samples: list[dict[str, float]] = []
        begin = self._clock()
        while len(samples) < LEAST or (len(samples) < MOST and self._clock() - begin < BUDGET * 1e9):
            taken = [self.take(_nothing) for _ in range(passes)]
            samples.append({name: statistics.fmean(each[name] for each in taken) for name in taken[0]})
        return samples

    def displaced(self, displace: Callable[[], None]) -> list[dict[str, float]]:
        samples: list[dict[str, float]] = []
        begin = self._clock()
        while len(samples) < LEAST_DISPLACED or (
            len(samples) < MOST_DISPLACED and self._clock() - begin < DISPLACED * 1e9
        ):
            samples.append(self.take(displace))
        return samples


def _nothing() -> None:
    """Displaces nothing."""


def _displacer(recorder: Recorder, kit: Kit) -> Callable[[], None]:
    """Writes more bytes than the largest cache holds, on as many threads as the case has."""
    largest = max(cache_sizes().values(), default=0)
    size = int(min(MOST_SWEPT, max(LEAST_SWEPT, SWEPT * largest), kit.free() // SHARE))
    sweep = kit.streams(size)["update"].run
    recorder.fields["conditions"]["displaced_bytes"] = size
    return lambda: sweep(1)


def _put(recorder: Recorder, prefix: str, samples: list[dict[str, float]]) -> None:
    recorder.put(f"{prefix}_time", *(sum(each.values()) for each in samples))
    for name in samples[0]:
        recorder.put(f"{prefix}_{name}", *(each[name] for each in samples))


def _count(recorder: Recorder, alone: Alone) -> None:
    """Misses of caches and of address translation a touched row, where the machine counts them."""

    def passes() -> None:
        for _ in range(COUNTED):
            alone.take(_nothing)

    found = counted(passes)
    if isinstance(found, str):
        recorder.fields["conditions"]["counters"] = found
        return
    for name, events in found.items():
        recorder.put(f"{name}_per_row", events / COUNTED / recorder.value("unique_rows"))


def _put_rates(recorder: Recorder, kit: Kit) -> None:
    """How fast rows like the table's are read and written at random places at this moment, as many as a batch touches,
    of as many bytes as the table has, or as there is room for.
    """
    case, rows = recorder.request.case, int(recorder.value("unique_rows"))
    row = case.dim * case.itemsize
    size = max(row, min(case.table_bytes, kit.free() // SHARE))
    for kind, program in kit.rows(size, row, max(rows, case.threads)).items():
        recorder.put(f"{kind}_rate", *rates_of(program, recorder.clock))


def hold_to_oracle(
    contender: Contender, case: Case, trial: Trial, tokens: Tokens, alone: Alone, findings: Findings
) -> None:
    """One more pass, whose rows must be the oracle's, and what it looked up the table's own."""
    batch = tokens.ids[alone.batch]
    outside = np.setdiff1d(np.linspace(0, case.vocab - 1, min(case.vocab, MOST_OUTSIDE), dtype=np.int64), batch)
    ids = np.union1d(batch, outside)
    start = trial.read_rows(ids).copy()
    oracle = None
    if isinstance(trial, Inspectable) and alone.programs.gradient is not None:
        inside = trial.inspect(ids)
        oracle = Oracle.resumed(case, contender.declaration, ids, start, inside, inside.steps or 1)
    elif alone.programs.gradient is not None:
        findings.leave_out(f"{WHEN}: this trial does not show its state")
    alone.take(_nothing)
    found, places = alone.programs.rows(), np.searchsorted(ids, batch)
    told = f"{WHEN}: the rows that it looked up are not the table's"
    findings.fact(found.shape == (*batch.shape, case.dim) and bool((found == start[places]).all()), told)
    now = trial.read_rows(ids).copy()
    if alone.programs.gradient is None:
        findings.same(WHEN, ids, start, now)
    elif oracle is not None:
        oracle.step_table(batch, row_gradient(case))
        findings.rows(WHEN, ids, now, start, oracle)
        if not moves_others(findings.semantic):
            batches = Batches(case, tokens)
            still = ~np.isin(batches.trained(ids), batches.trained(batch))
            findings.same(f"{WHEN}, rows outside its batch", ids[still], start[still], now[still])
