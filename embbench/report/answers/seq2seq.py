"""What does a training step of an encoder and a decoder with teacher forcing do, and what does it cost?"""

from collections.abc import Iterator, Sequence

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.plain import one_line
from embbench.report.answers._words import contenders_of, everyone, seconds_text, who_holds, with_version
from embbench.report.table import Statement
from embbench.stats.summary import Summary
from embbench.workloads._seq2seq_claims import GOES_ON, LOSSES, WEIGHTS


def answer(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _translating(results)
    return [Statement(text) for text in (*_about_training(mine), *_costs(mine, measures))]


def brief(results: Sequence[Result], measures: Measures) -> list[Statement]:
    mine = _translating(results)
    shown = tuple(each.case_id for each in mine)
    return [Statement(text, shown) for text in (*_range(mine, measures), *_about_training(mine))]


def _translating(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.case.workload == "seq2seq" and result.audited]


def _timed(mine: Sequence[Result], measures: Measures) -> list[tuple[Result, Summary]]:
    """The fastest first."""
    found = [(each, measures.summary(each, "step_time")) for each in mine if measures.is_timed(each)]
    times = [(each, time) for each, time in found if isinstance(time, Summary)]
    return sorted(times, key=lambda each: each[1].center)


def _about_training(mine: Sequence[Result]) -> Iterator[str]:
    everybody = contenders_of(mine)
    if who := who_holds(mine, GOES_ON):
        yield (
            "A decoder that gets the encoder's last hidden state and cell as its first state goes on where the encoder "
            f"ended: {everyone(who, everybody)}."
        )
    if who := who_holds(mine, LOSSES, WEIGHTS):
        yield (
            "With teacher forcing the decoder reads the right tokens, shifted by one, so that a call trains on all "
            "target tokens; losses and weights are those of the written-out steps, through the state into the encoder: "
            f"{everyone(who, everybody)}."
        )


def _costs(mine: Sequence[Result], measures: Measures) -> Iterator[str]:
    for result, time in _timed(mine, measures):
        case = result.case
        rate = float(f"{case.batch * case.seq / time.center:.2g}")
        yield (
            f"{with_version(result)}: a step of {case.batch} pairs of {case.seq} tokens takes {seconds_text(time)} "
            f"({rate:,.0f} target tokens/s)."
        )


def _range(mine: Sequence[Result], measures: Measures) -> Iterator[str]:
    if timed := _timed(mine, measures):
        (fast, least), (slow, most) = timed[0], timed[-1]
        text = f"A step takes {seconds_text(least)} ({one_line(fast.case.contender)})"
        if len(timed) > 1:
            text += f" to {seconds_text(most)} ({one_line(slow.case.contender)})"
        yield f"{text}."
