"""Why a prediction of several ranks is incomplete, in sentences."""

from functools import singledispatch

from embbench.analysis.cost.rank_lacks import (
    FasterTogether,
    NoRanks,
    NoRates,
    NoSharedBatch,
    NoTimedRanks,
    OneCaseOfRanks,
    OneMachine,
    OneMemory,
    OneNumberOfRanks,
    OtherDims,
    RankLack,
    RanksOnGpu,
    ScatteredTimes,
    SeveralMachines,
    SharedCpus,
    SingleProcess,
    TooFewForTime,
    UnevenRanks,
    WholeInEach,
)

BY_MEASURING = (
    *(NoRanks, OneCaseOfRanks, NoTimedRanks, OtherDims, SharedCpus, NoRates, OneNumberOfRanks, TooFewForTime),
    ScatteredTimes,
)


@singledispatch
def rank_lack_text(lack: RankLack) -> str:
    """The lack as a clause without its full stop."""
    raise TypeError(f"no sentence for {type(lack).__name__}")


@rank_lack_text.register
def _several_machines(lack: SeveralMachines) -> str:
    return f"the results are of {lack.count} machines: give the results of one"


@rank_lack_text.register
def _no_ranks(lack: NoRanks) -> str:
    return "the results have no case of this way in several ranks whose rounds say what ranks hold and send"


@rank_lack_text.register
def _one_case_of_ranks(lack: OneCaseOfRanks) -> str:
    return "a single case of this way was measured: nothing shows how well arithmetic holds"


@rank_lack_text.register
def _uneven_ranks(lack: UnevenRanks) -> str:
    return f"{lack.ranks} ranks cannot share a batch of {lack.batch}; give --batch a multiple of {lack.ranks}"


@rank_lack_text.register
def _on_gpu(lack: RanksOnGpu) -> str:
    return "ranks on GPUs have no prediction: nothing here counts the bytes that they exchange"


@rank_lack_text.register
def _single_process(lack: SingleProcess) -> str:
    return "this contender is a single process; `embbench list contenders` shows which have ranks"


@rank_lack_text.register
def _one_machine(lack: OneMachine) -> str:
    return "no time: the ranks are devices of one process, and a prediction gives each rank a machine of its own"


@rank_lack_text.register
def _other_dims(lack: OtherDims) -> str:
    measured = ", ".join(map(str, lack.measured))
    text = f"dim {lack.dim} was not measured in several ranks (only {measured})"
    return f"no time: {text}, and the network's time grows with dim"


@rank_lack_text.register
def _shared_cpus(lack: SharedCpus) -> str:
    return "no time: in all measured cases of several ranks, the ranks shared CPUs"


@rank_lack_text.register
def _no_rates(lack: NoRates) -> str:
    return "no time: the rounds of this way do not say how fast memory and links were, as those of older versions"


@rank_lack_text.register
def _no_timed_ranks(lack: NoTimedRanks) -> str:
    return "no time: no case of several ranks has a time in the machine's usual state"


@rank_lack_text.register
def _one_number_of_ranks(lack: OneNumberOfRanks) -> str:
    return f"no time: only cases of {lack.ranks} rank{'s' if lack.ranks > 1 else ''} have times that can be used"


@rank_lack_text.register
def _too_few_for_time(lack: TooFewForTime) -> str:
    usable = f"{lack.measured} cases, whose ranks have CPUs of their own, have times in the machine's usual state"
    return f"no time: {usable}, and a line through them needs {lack.needed} or more"


@rank_lack_text.register
def _faster_together(lack: FasterTogether) -> str:
    return (
        "no time: no sum of what the table, the exchange and the rest take describes the measured times, as where two "
        "ranks are faster than one process with as many threads"
    )


@rank_lack_text.register
def _scattered_times(lack: ScatteredTimes) -> str:
    return "no time: the measured times scatter too much for a case of this size"


@rank_lack_text.register
def _whole_in_each(lack: WholeInEach) -> str:
    return "fits from: a rank needs memory for the whole table, so that more ranks do not help"


@rank_lack_text.register
def _one_memory(lack: OneMemory) -> str:
    return "fits from: the ranks share the memory of one process, so that more ranks do not help"


@rank_lack_text.register
def _no_shared_batch(lack: NoSharedBatch) -> str:
    more = "each gathers the table too" if lack.gathered else "give more --batch"
    most = f"{lack.most} ranks, the most that can share" if lack.most > 1 else "1 rank, the only number that can share"
    return f"fits from: no number of ranks is enough, up to {most} a batch of {lack.batch}; {more}"
