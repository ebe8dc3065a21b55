"""Texts of different lengths: what does each way of handling them cost, and what does it change?"""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.cases.units import format_quantity
from embbench.plain import one_line
from embbench.report.answers._words import (
    contenders_of,
    deviations,
    everyone,
    listed_with,
    seconds_text,
    who_holds,
    with_version,
)
from embbench.report.figures import factor_text
from embbench.report.table import Statement
from embbench.stats.effects import separates
from embbench.stats.summary import Summary
from embbench.workloads._sequence_expected import (
    EACH_LENGTH,
    ENDS,
    LOSSES,
    NOT_ANEW,
    ONE_NETWORK,
    PAST_END,
    READS_PADDING,
    RELAXED,
    SIZE,
    UNKNOWN,
    WEIGHTS,
)

TIME, FIRST, SHARE = "step_time", "first_step_time", "padding_share"
PAD, MASK, PACK, BUCKET, DYNAMIC = "pad", "mask", "pack", "bucket", "dynamic"
TOKENS, LENGTHS = "real tokens a step", "batch lengths"  # facts of a trial
SIZES = ("contender", "hidden", "batch", "seq", "device", "dtype", "threads", "runtime")
REPORTED = (
    "A report (issue 149194) has packed texts on a CPU 5.3 times as slow forward as padded texts at length 10 and 114 "
    "times at length 4000, and calls packing the only way to right outputs"
)


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _reading(results)
    groups = list(_groups(mine, measures))
    texts = [*_about_padding(mine, measures), *_about_masks(mine), *_about_networks(mine), *_about_traces(mine)]
    costs = [text for group in groups for text in _cost_of(group, measures)]
    return [Statement(text) for text in (*texts, *costs, *_about_report(mine, groups, measures))]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _reading(results)
    groups = list(_groups(mine, measures))
    shown = tuple(each.case_id for group in groups for each in group)
    told = [*_costs_in_brief(groups, measures), *_facts_in_brief(mine, measures), *_traces_in_brief(mine)]
    return [Statement(text, shown) for text in told]


def _reading(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "sequence" and result.audited]


def _number(result: Result, metric: str, measures: Measures) -> Summary | None:
    found = measures.summary(result, metric)
    return None if isinstance(found, Absent) else found


def _groups(mine: Sequence[Result], measures: Measures) -> Iterator[list[Result]]:
    """Timed results of a contender and size, padding to one length first; only groups that have it."""
    by_size: dict[tuple[object, ...], list[Result]] = {}
    for result in mine:
        if measures.is_timed(result):
            by_size.setdefault(tuple(getattr(result.case, axis) for axis in SIZES), []).append(result)
    for group in by_size.values():
        group.sort(key=lambda each: each.case.lengths != PAD)
        if group[0].case.lengths == PAD and len(group) > 1:
            yield group


def _about_padding(mine: Sequence[Result], measures: Measures) -> Iterator[str]:
    if shares := _shares(mine, measures):
        told = [f"{share:.1%} with {listed_with(ways)}" for share, ways in shares.items()]
        yield f"Padding among the positions that an LSTM reads, for lengths uniform from 1 on: {', '.join(told)}."


def _shares(mine: Sequence[Result], measures: Measures) -> dict[float, list[str]]:
    """Share of padding -> ways, the largest share first. Of the first size."""
    found: dict[str, float] = {}
    for result in mine:
        if (share := _number(result, SHARE, measures)) is not None:
            found.setdefault(result.case.lengths, share.center)
    by_share: dict[float, list[str]] = {}
    for way, share in sorted(found.items(), key=lambda each: -each[1]):
        by_share.setdefault(share, []).append(way)
    return by_share


def _about_masks(mine: Sequence[Result]) -> Iterator[str]:
    everybody = contenders_of(mine)
    if who := who_holds(mine, LOSSES, WEIGHTS, ENDS):
        yield (
            "For an LSTM that reads forward, padding on the right needs no mask: where the head reads the last real "
            "position, losses and weights are those of a masked or packed LSTM, within rounding: "
            f"{everyone(who, everybody)}."
        )
    wrong = {
        "it goes on over padding without a mask": READS_PADDING,
        "it is zero in packed texts": PAST_END[PACK],
        "it repeats in masked texts": PAST_END[MASK],
    }
    if told := [f"{text} ({listed_with(who)})" for text, each in wrong.items() if (who := who_holds(mine, each))]:
        yield f"Of a text that is shorter than its batch, the last output is not the result: {'; '.join(told)}."
    yield from deviations(mine, UNKNOWN)


def _about_networks(mine: Sequence[Result]) -> Iterator[str]:
    if who := who_holds(mine, ONE_NETWORK, SIZE):
        yield (
            "One network serves all buckets: an LSTM has 4(H(D + H) + H) weights and no length, and a step on one "
            f"bucket changes the losses of the others: {everyone(who, contenders_of(mine))}."
        )


def _about_traces(mine: Sequence[Result]) -> Iterator[str]:
    several = [each for each in mine if _fact(each, LENGTHS) not in ("", "1")]
    if who := who_holds(several, EACH_LENGTH):
        yield f"Each new length of a batch is traced and compiled anew: {listed_with(who)}."
    if who := who_holds(several, RELAXED):
        yield f"The second length leaves the program's length open, and no later length traces: {listed_with(who)}."
    traced = who_holds(several, EACH_LENGTH) + who_holds(several, RELAXED)
    eager = [name for name in who_holds(mine, NOT_ANEW) if several and name not in traced and _eager(name, mine)]
    if eager:
        yield f"Nothing is compiled: {listed_with(eager)}."


def _eager(name: str, mine: Sequence[Result]) -> bool:
    return all(_fact(each, "traces") == "0" for each in mine if one_line(each.case.contender) == name)


def _cost_of(group: Sequence[Result], measures: Measures) -> Iterator[str]:
    """Of a contender and size: time per real token, the other ways, their programs, and first steps."""
    plain = group[0]
    time, tokens = _number(plain, TIME, measures), _fact(plain, TOKENS)
    assert time is not None
    each = f" ({format_quantity(time.center / int(tokens), 's', 3)} a real token)" if tokens.isdecimal() else ""
    ratios = {other.case.lengths: measures.ratio(other, plain, TIME) for other in group[1:]}
    told = [f"{way} {factor_text(more)}{_unclear(more)}" for way, more in ratios.items() if more is not None]
    yield (
        f"{with_version(plain)}: four batches padded to {plain.case.seq} take {seconds_text(time)}{each}"
        f"{_times(told)}{_programs(group)}{_first_steps(group, measures)}."
    )


def _times(told: Sequence[str]) -> str:
    return f"; times as long for the same texts: {', '.join(told)}" if told else ""


def _unclear(more: Summary) -> str:
    """Of several rounds that show neither a gain nor a loss."""
    return " (no difference is shown)" if more.low is not None and separates(more, 1.0) is False else ""


def _programs(group: Sequence[Result]) -> str:
    plain = one_line(_fact(group[0], "lstm"))
    others: dict[str, list[str]] = {}
    for each in group[1:]:
        if (kernel := one_line(_fact(each, "lstm"))) and kernel != plain:
            others.setdefault(kernel, []).append(each.case.lengths)
    told = [f"{listed_with(ways)} as {kernel} instead of {plain}" for kernel, ways in others.items()]
    return f"; the LSTM is computed with {', '.join(told)}" if told else f"; LSTM: {plain}" if plain else ""


def _first_steps(group: Sequence[Result], measures: Measures) -> str:
    """With seconds of tracing and compiling; for programs that trace."""
    told = []
    for each in group:
        first, traces = _number(each, FIRST, measures), _fact(each, "traces")
        if first is not None and each.case.lengths in (PAD, BUCKET, DYNAMIC) and traces not in ("", "0"):
            lengths = _fact(each, LENGTHS)
            words = f"{lengths} length{'' if lengths == '1' else 's'}, {traces} trace{'' if traces == '1' else 's'}"
            told.append(f"{each.case.lengths} {seconds_text(first)} ({words})")
    return f"; first step: {', '.join(told)}" if told else ""


def _about_report(mine: Sequence[Result], groups: Sequence[Sequence[Result]], measures: Measures) -> Iterator[str]:
    found = _by_contender(PACK, groups, measures)
    if not found:
        return
    place = ", ".join(f"{format_quantity(more.center, '1', 2)} ({name})" for name, more in found.items())
    size = listed_with(dict.fromkeys(f"{group[0].case.seq} tokens on {group[0].case.device}" for group in groups))
    text = f"{REPORTED}. Here, with {size}, a training step on packed texts takes {place} times as long"
    packed = [each for each in mine if each.case.lengths in (PAD, PACK)]
    if who_holds(packed, LOSSES, WEIGHTS, ENDS):
        text += "; the last real position of padded texts is as right, so the report is wrong in that"
    yield f"{text}."


def _by_contender(way: str, groups: Sequence[Sequence[Result]], measures: Measures) -> dict[str, Summary]:
    """Times padding to one length, of the first size of a contender that has the way."""
    found: dict[str, Summary] = {}
    for group in groups:
        other = next((each for each in group if each.case.lengths == way), None)
        if other is not None and (more := measures.ratio(other, group[0], TIME)) is not None:
            found.setdefault(one_line(group[0].case.contender), more)
    return found


def _costs_in_brief(groups: Sequence[Sequence[Result]], measures: Measures) -> Iterator[str]:
    told = []
    for way in (BUCKET, DYNAMIC, MASK, PACK):
        if found := _by_contender(way, groups, measures):
            ordered = sorted(found.items(), key=lambda each: each[1].center)
            ends = dict.fromkeys(f"{format_quantity(more.center, '1', 2)} ({name})" for name, more in ordered)
            told.append(f"{way} {' to '.join(list(ends)[:: max(1, len(ends) - 1)])}")
    if told:
        yield f"Times as long as padding to one length, for the same texts: {', '.join(told)}."


def _facts_in_brief(mine: Sequence[Result], measures: Measures) -> Iterator[str]:
    shares = {way: share for share, ways in _shares(mine, measures).items() for way in ways}
    told = [f"{way} {shares[way]:.0%}" for way in (PAD, DYNAMIC, BUCKET) if way in shares]
    texts = [f"Padding that is read: {', '.join(told)}."] if told else []
    if who := who_holds(mine, ONE_NETWORK, SIZE):
        texts.append(f"One network serves all buckets: {everyone(who, contenders_of(mine))}.")
    if texts:
        yield " ".join(texts)


def _traces_in_brief(mine: Sequence[Result]) -> Iterator[str]:
    if texts := list(_about_traces(mine)):
        yield " ".join(texts)


def _fact(result: Result, name: str) -> str:
    return next((round_.ran[name] for round_ in result.good if name in round_.ran), "")
