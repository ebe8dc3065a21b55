"""What it costs and saves that several processes share a step: sentences about a case with ranks."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.analysis.cost.rank_time import share_cpus
from embbench.cases.tokens import parse_tokens
from embbench.cases.units import format_quantity
from embbench.report.document import Grid
from embbench.report.figures import factor_text, percent, short_text
from embbench.stats.effects import separates

RANKS = "ranks"  # among the conditions of a round: a mapping for each rank
UNEVEN = 1.25  # times an even share of the lookups, from which on the imbalance gets a sentence
ABOUT_RANKS = "of a step in the last round; wait: for the slowest rank, at the barrier behind a block of steps"
MORE_SENT = 1.25  # times the bytes by arithmetic, from which on the sentence names them


def rank_costs(result: Result, results: Sequence[Result], measures: Measures) -> list[tuple[str, str]]:
    """(word, sentence) about the ranks of a timed case; [] for a case with one rank."""
    if result.case.ranks == 1 or not measures.is_timed(result):
        return []
    return [*_against_one(result, results, measures), *_exchange(result, measures), *_imbalance(result, measures)]


def _against_one(result: Result, results: Sequence[Result], measures: Measures) -> Iterator[tuple[str, str]]:
    """Against the same contender in one process, with the same threads."""
    alone = msgspec.structs.replace(result.case, ranks=1)
    one = next((each for each in results if (each.case, each.machine) == (alone, result.machine)), None)
    ranks = f"{result.case.ranks} ranks"
    change = None if one is None else measures.ratio(result, one, "step_time")
    if one is None or change is None:
        return
    apart = separates(change, 1.0)
    if apart is None:
        text = f"{ranks} take about {factor_text(change)} times as long as one process, from one round"
    elif not apart:
        text = f"{ranks} are not shown to be faster or slower than one process ({factor_text(change)} times as long)"
    else:
        pays = "sharding pays here" if change.center < 1 else "sharding does not pay in time here"
        text = f"{ranks} take {factor_text(change)} times as long as one process with as many threads: {pays}"
    crowded = " The ranks share CPUs, so that this time holds for no other machine." if share_cpus(result) else ""
    yield RANKS, f"{text}.{crowded}{_memory(result, one, measures)}"


def _memory(result: Result, one: Result, measures: Measures) -> str:
    metric = "device_step_peak" if result.case.device != "cpu" else "host_step_peak"
    mine, alone = measures.summary(result, metric), measures.summary(one, metric)
    if isinstance(mine, Absent) or isinstance(alone, Absent):
        return ""
    who = "All together need" if result.in_one_memory else "Each needs at most"
    return f" {who} {short_text(mine, metric)}, one process {short_text(alone, metric)}."


def _exchange(result: Result, measures: Measures) -> Iterator[tuple[str, str]]:
    sent, least = measures.summary(result, "sent_bytes"), measures.summary(result, "theoretical_sent")
    time, step = measures.summary(result, "exchange_time"), measures.summary(result, "step_time")
    if isinstance(sent, Absent):
        return
    text = f"a rank sends {short_text(sent, 'sent_bytes')}"
    if not isinstance(least, Absent) and sent.center > MORE_SENT * least.center:
        text += f", of which it has to send {short_text(least, 'theoretical_sent')} by arithmetic"
    if not isinstance(time, Absent) and not isinstance(step, Absent):
        text += f"; it exchanges or waits for {short_text(time, 'exchange_time')} of {short_text(step, 'step_time')}"
        text += ", while it may also compute"
    group = str(result.good[-1].ran.get("process group", ""))
    yield "exchange", text + ("; gloo's times say nothing about NCCL." if group.startswith("gloo") else ".")


def _imbalance(result: Result, measures: Measures) -> Iterator[tuple[str, str]]:
    share = measures.summary(result, "lookup_share")
    even = 1 / result.case.ranks
    if isinstance(share, Absent) or share.center <= UNEVEN * even or _spread(result) != "rows":
        return
    text = f"one rank has {percent(share.center)} of the lookups, where even parts have {percent(even)}"
    stream = parse_tokens(result.case.tokens)
    if stream.kind == "words" and not stream.shuffled:
        text += ": frequent words have the first rows. --tokens words:shuffled spreads them, as hashed ids do"
    yield "imbalance", f"{text}."


def _spread(result: Result) -> str:
    declared = result.good[-1].declared
    return "" if declared is None else declared.spread


def ranks_of(conditions: Mapping[str, object]) -> list[dict[str, float]]:
    """What was seen of each rank; [] without. A file from outside may hold anything there."""
    told = conditions.get(RANKS)
    numbers = ("peak", "lookups", "wait")
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        return []
    whole = [each for each in told if all(isinstance(each.get(name), int | float) for name in numbers)]
    return whole if len(whole) == len(told) else []


def ranks_table(result: Result) -> Grid:
    """A row for each rank, from the last round; no rows for a case with one rank."""
    every = ranks_of(result.good[-1].conditions)
    columns = {"peak": "B", "lookups": "", "sent": "B/step", "received": "B/step", "wait": "s"}
    rows = tuple(
        (str(number), *(_shown(each.get(name), unit) for name, unit in columns.items()))
        for number, each in enumerate(every)
    )
    return Grid(headings=("rank", *columns), rows=rows, left=("rank",), title="ranks", about=ABOUT_RANKS)


def _shown(value: object, unit: str) -> str:
    return format_quantity(value, unit, 3) if isinstance(value, int | float) else "unknown"
