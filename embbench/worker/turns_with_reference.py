"""Steps of two cases that take turns in one process, so that both see the same machine at the same moment.

Processes of one program differ by more than many changes gain: a step of a tagger took 14 to 22 ms in six processes of
a shared host, while its ratio to a step with an eighth of the rows stayed between 1.12 and 1.23.
"""

from collections.abc import Callable

import msgspec

from embbench.cases.case import Case, case_id
from embbench.cases.contender import Skip, Trial, Unsupported
from embbench.cases.protocol import Protocol
from embbench.cases.units import format_quantity
from embbench.errors import EmbbenchError
from embbench.host.memory import available_bytes, resident_bytes
from embbench.store.exchange import REFERENCE, TURNS
from embbench.worker.clock import Clock, time_block
from embbench.worker.note import Note, condition, measured
from embbench.worker.sampling import block_steps

SIZES, CHANGES = 2.5, 0.8  # seconds of turns of cases that differ in their size only, and of other cases
BLOCKS = 2  # of each side in a cycle, after a block that is not counted; see `effects.cycle_ratios`
CYCLES = 5  # least number of cycles, unless they take LONGEST: three values do not tell their own scatter
LONGEST = 6.0  # seconds after which no further cycle begins
BLOCK = 5e-3  # least seconds of a block
WARM = 3  # steps of the reference before the turns: the first step may compile, the next steps touch new memory


def take_turns(
    trial: Trial,
    case: Case,
    reference: Case,
    make: Callable[[], Trial],
    step: float,
    before: int,
    protocol: Protocol,
    clock: Clock,
) -> Note:
    """turn_time and reference_time, BLOCKS values each per cycle. Call it last, when nothing else of the trial is to be
    measured. case: of the trial. make: builds the trial of the reference. step: seconds of a step of `trial`.
    before: bytes that were resident before the trial.
    """
    # Running out of memory would end the round. Where the reference has more rows, all may be in its table.
    needed = int((resident_bytes() - before) * max(1.0, reference.vocab / case.vocab))
    free = available_bytes()
    if needed > free:
        size, room = format_quantity(needed, "B"), format_quantity(free, "B")
        return not_taken(f"a second model may need {size}, and only {room} are free")
    try:
        other = make()
    except (Unsupported, Skip, EmbbenchError) as error:  # of the reference; the step of the case stands
        return not_taken(str(error))
    spent = 0.0
    for _ in range(WARM):
        if spent < LONGEST:
            spent += time_block(other, 1, clock)
    size = block_steps(step, msgspec.structs.replace(protocol, block=BLOCK), clock, reference.device)
    mine: list[float] = []
    others: list[float] = []
    spent, budget = 0.0, SIZES if case.update == reference.update else CHANGES
    while spent < budget or (len(mine) < BLOCKS * CYCLES and spent < LONGEST):
        for side, found in ((trial, mine), (other, others)):
            # The first block after the other side finds caches that the other side filled: 14 ms became 21 ms.
            seconds = [time_block(side, size, clock) for _ in range(1 + BLOCKS)]
            found += [each / size for each in seconds[1:]]
            spent += sum(seconds)
    note = measured("turn_time", *mine) + measured("reference_time", *others)
    return note + condition(**{REFERENCE: case_id(reference)})


def not_taken(reason: str) -> Note:
    return condition(**{TURNS: f"not measured: {reason}"})
