"""Why a prediction of several ranks is incomplete, as values; `report` turns them into sentences."""

import msgspec


class SeveralMachines(msgspec.Struct, frozen=True):
    """The results of the way are of several machines."""

    count: int


class NoRanks(msgspec.Struct, frozen=True):
    """No result of the way has several ranks, or its rounds do not say what ranks hold and send."""


class OneCaseOfRanks(msgspec.Struct, frozen=True):
    """A single result of the way has several ranks: nothing shows how well the arithmetic holds."""


class UnevenRanks(msgspec.Struct, frozen=True):
    """The ranks cannot share the batch."""

    ranks: int
    batch: int


class RanksOnGpu(msgspec.Struct, frozen=True):
    """Cases on a GPU have no prediction: their bytes cross links that no socket counts."""


class SingleProcess(msgspec.Struct, frozen=True):
    """The contender has no ranks."""


class OneMachine(msgspec.Struct, frozen=True):
    """The ranks are devices of one process, so no rank can have a machine of its own."""


class OtherDims(msgspec.Struct, frozen=True):
    """Several ranks were timed for rows of other widths only, and the network grows with the width."""

    dim: int
    measured: tuple[int, ...]


class SharedCpus(msgspec.Struct, frozen=True):
    """In all measured cases of several ranks, the ranks shared CPUs."""


class NoRates(msgspec.Struct, frozen=True):
    """The rounds of the way do not say how fast memory or links were."""


class NoTimedRanks(msgspec.Struct, frozen=True):
    """No case of several ranks has a time."""


class OneNumberOfRanks(msgspec.Struct, frozen=True):
    """All cases with times have the same number of ranks: nothing tells the exchange from the rest of a step."""

    ranks: int


class TooFewForTime(msgspec.Struct, frozen=True):
    """Too few cases for a line through their times. measured, needed: numbers of cases."""

    measured: int
    needed: int


class FasterTogether(msgspec.Struct, frozen=True):
    """No sum of table, exchange and rest describes the times, as where several ranks take less time than a process
    with as many threads.
    """


class ScatteredTimes(msgspec.Struct, frozen=True):
    """The times scatter too much for a prediction at this size."""


class WholeInEach(msgspec.Struct, frozen=True):
    """A rank needs memory for the whole table, which is too large for the machine: more ranks do not help."""


class OneMemory(msgspec.Struct, frozen=True):
    """The ranks share the memory of one process, which is too small for the table: more ranks do not help."""


class NoSharedBatch(msgspec.Struct, frozen=True):
    """No number of ranks that divides the batch is enough. batch: sequences. most: the largest such number. gathered:
    whether a rank also gathers the table in each step, so that a larger batch with more ranks may not be enough either.
    """

    batch: int
    most: int
    gathered: bool = False


TimeLack = (
    OneMachine | NoTimedRanks | OtherDims | SharedCpus | NoRates | OneNumberOfRanks | TooFewForTime | FasterTogether
    | ScatteredTimes
)  # fmt: skip
LeastLack = WholeInEach | OneMemory | NoSharedBatch
RankLack = SeveralMachines | NoRanks | OneCaseOfRanks | UnevenRanks | RanksOnGpu | SingleProcess | TimeLack | LeastLack
