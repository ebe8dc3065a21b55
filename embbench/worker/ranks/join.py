"""A rank joins the round, and what the lead then notes about all ranks."""

import os
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np

from embbench.cases.capabilities import Exchanging, offers
from embbench.cases.case import Case
from embbench.cases.contender import Module
from embbench.cases.streams import Tokens
from embbench.cases.update_path import Path
from embbench.host.load import counted_cpus
from embbench.store.exchange import RankPlace
from embbench.worker.clock import Clock
from embbench.worker.note import NOTHING, Note, condition, measured, warned
from embbench.worker.ranks.follow import follow
from embbench.worker.ranks.lead import LeadModule, LeadTrial
from embbench.worker.ranks.link import Lead, meet
from embbench.worker.ranks.trial import SUMMED, RankBlock, RankFacts, RankRates, RankTrials
from embbench.worker.recorder import Recorder
from embbench.workloads._footprint import sent_bytes

PROFILED = 3  # steps whose exchanges are timed


def join(recorder: Recorder, place: RankPlace, module: Module, tokens: Any) -> Module | None:
    """On the lead, the module whose trials run on all ranks. A follower follows until the lead ends, and gets None."""
    if place.number:
        follow(RankTrials(module, tokens), meet(place), recorder.clock)
        return None
    lead = Lead(place)
    recorder.beside = lead.beside
    return LeadModule(module, lead, tokens)


def about_ranks(
    trial: LeadTrial, case: Case, spread: str, path: Path, tokens: Tokens, here: int, clock: Clock
) -> tuple[int, Note]:
    """(steps made, memory, lookups, traffic, waits and rates of the ranks). Call it behind the timed steps. Where
    several ranks have several values, a metric is that of the rank with the most; `ranks` among the conditions has the
    values of every rank. here: ranks on this machine.
    """
    facts = trial.facts()
    lookups = lookups_of(case, spread, facts, tokens)
    waits = _waits(trial.blocks)
    # GPUs exchange over links that no socket counts.
    moved = [_per_step(trial.blocks, rank) for rank in range(case.ranks)]
    traffic = moved if case.device == "cpu" else [(None, None)] * case.ranks
    every = [
        {"peak": fact.peak, "lookups": looked, "wait": wait, "sent": sent, "received": received}
        for fact, looked, wait, (sent, received) in zip(facts, lookups, waits, traffic, strict=True)
    ]
    peak = max(fact.peak for fact in facts)
    note = condition(ranks=every) + measured("host_step_peak", peak)
    note += measured("lookup_share", max(lookups) / case.rows_per_step) + measured("rank_wait", max(waits))
    for name, place in (("sent_bytes", 0), ("received_bytes", 1)):
        known = [value for each in traffic if (value := each[place]) is not None]
        note += measured(name, max(known)) if known else NOTHING
    shares = [1 / case.ranks if spread == "columns" else each / case.rows_per_step for each in lookups]
    theory = sent_bytes(case, path, _distinct(tokens, case.ranks), shares)
    note += NOTHING if theory is None else measured("theoretical_sent", theory)
    note += _crowded(case, here) + rates_of_ranks(case, trial.rates(case.threads_of_rank, clock))
    if not offers(trial, Exchanging):
        return 0, note
    return PROFILED, note + measured("exchange_time", trial.exchange_seconds(PROFILED))


def rates_of_ranks(case: Case, rates: Sequence[RankRates]) -> Note:
    """The rate of memory, of the slowest rank in each sample, and of the links."""
    memory = [min(sample) for sample in zip(*(each.memory for each in rates), strict=False)]
    sums = [max(sample) for sample in zip(*(each.sums for each in rates), strict=False)]
    sent = 2 * (case.ranks - 1) / case.ranks * SUMMED  # Patarasu and Yuan (2009)
    note = measured("update_rate", *memory) if memory and case.device == "cpu" else NOTHING
    return note + (measured("link_rate", *(sent / each for each in sums)) if sums else NOTHING)


def lookups_of(case: Case, spread: str, facts: list[RankFacts], tokens: Tokens) -> list[float]:
    """Lookups of a step in the part of the table of each rank, by the mean over the batches."""
    if spread == "whole":
        return [case.rows_per_step / case.ranks] * case.ranks
    held = [fact.held or (0, case.vocab) for fact in facts]
    ids = tokens.ids.reshape(len(tokens.ids), -1)
    return [float(np.mean(((first <= ids) & (ids < behind)).sum(axis=1))) for first, behind in held]


def _distinct(tokens: Tokens, ranks: int) -> float:
    """Distinct rows in each rank's part of a batch, summed over the ranks: the mean over the batches."""
    parts = tokens.ids.reshape(len(tokens.ids) * ranks, -1)
    return ranks * float(np.mean([len(np.unique(each)) for each in parts]))


def _waits(blocks: list[tuple[int, list[RankBlock]]]) -> list[float]:
    """Seconds per step that each rank waits for the slowest at the barrier behind a block: the median over blocks."""
    waits = [[(max(each.seconds for each in every) - own.seconds) / steps for own in every] for steps, every in blocks]
    return [statistics.median(each) for each in zip(*waits, strict=True)]


def _per_step(blocks: list[tuple[int, list[RankBlock]]], rank: int) -> tuple[float | None, float | None]:
    """Bytes that a rank sent and received, per step."""
    steps = sum(each for each, _ in blocks)
    own = [every[rank] for _, every in blocks]
    sent, received = [each.sent for each in own], [each.received for each in own]
    return _mean(sent, steps), _mean(received, steps)


def _mean(values: list[int | None], steps: int) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) / steps if len(known) == len(values) else None


def _crowded(case: Case, here: int) -> Note:
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else counted_cpus()
    if case.device != "cpu" or here <= cpus:
        return NOTHING
    text = (
        f"{here} ranks share {cpus} CPUs: each waits for the others to run, so step_time says nothing about "
        "machines with a CPU for each; bytes, memory and the audit hold"
    )
    return warned("ranks-share-cpus", text)
