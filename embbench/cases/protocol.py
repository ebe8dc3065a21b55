"""The Protocol: how often, how long and how carefully a case is measured.

Times differ less within a process than between processes, so further rounds help more than further samples.
"""

import math

import msgspec

from embbench.cases.case import MOST
from embbench.errors import UsageError


class Protocol(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """rounds: fresh processes per case. budget: seconds of timed samples per round. warmup: most seconds of warm-up.

    least_samples: number of samples, whatever the budget. block: least seconds of a sample, so that reading the clock
    takes less than `clock_share` of a sample. steady: the noise estimate is stable where its relative change over the
    second half of the samples is smaller. timeout: most seconds of a round. batches: number of distinct id batches,
    used in turn. seed: of the order of the rounds. phases: whether a round measures the parts of a step, at its end.
    table_alone: whether a round steps the table alone, at its end. training: whether a round counts steps to the same
    loss, at its end. within: seconds for the whole run: every case gets `rounds`, then further rounds as needed; 0 for
    `rounds` only.
    """

    preset: str = "standard"
    rounds: int = 3
    budget: float = 0.5
    warmup: float = 0.3
    least_samples: int = 2
    block: float = 0.02
    clock_share: float = 1e-3
    steady: float = 0.1
    timeout: float = 600.0
    batches: int = 64
    seed: int = 0
    phases: bool = False
    table_alone: bool = False
    training: bool = False
    within: float = 0.0


LEAST_ROUNDS = 2  # per case in a run with a time budget: fewer rounds show no scatter
PRESETS = {
    "quick": Protocol(preset="quick", rounds=1),
    "standard": Protocol(),
    "thorough": Protocol(preset="thorough", rounds=10, budget=8.0, warmup=2.0, least_samples=6, timeout=900.0),
}


# The fields that affect a round's numbers. The other fields set the number, the order and the timeout of rounds.
MEASURING = ("budget", "warmup", "least_samples", "block", "clock_share", "steady", "batches")
BESIDES = ("phases", "table_alone", "training")  # what a round measures besides the step


def check_protocol(protocol: Protocol) -> Protocol:
    """Returns the protocol. Raises UsageError with the wrong value."""
    for name, lowest in (("rounds", 1), ("least_samples", 2), ("batches", 64), ("seed", 0)):
        if getattr(protocol, name) < lowest:
            raise UsageError(f"{name}: {getattr(protocol, name)} is too few; give {lowest} or more")
        if getattr(protocol, name) > MOST:
            raise UsageError(f"{name}: more than {MOST}; give fewer")
    for name in ("budget", "timeout", "block"):
        value = getattr(protocol, name)
        if not 0 < value < 1e9:
            raise UsageError(f"{name}: {value} is not a time in seconds above 0")
    if not 0 <= protocol.warmup < 1e9:
        raise UsageError(f"warmup: {protocol.warmup} is not a time in seconds; give 0 or more")
    if not 0 <= protocol.within < 1e9:
        raise UsageError(f"within: {protocol.within} is not a time; give 4m, or 0 for a fixed number of rounds")
    if not 0 < protocol.clock_share < 1:
        raise UsageError(f"clock_share: {protocol.clock_share} is not a share between 0 and 1")
    if not 0 < protocol.steady < math.inf:
        raise UsageError(f"steady: {protocol.steady} is not a number above 0")
    return protocol
