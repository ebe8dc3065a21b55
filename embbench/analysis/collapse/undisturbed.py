"""Rounds without the samples in which other programs took a CPU away. Beside a program that is busy half of the time,
half of all short blocks take four times as long, so a median of both kinds depends on luck.
"""

import math

import msgspec

from embbench.cases.disturbance import beside_others, calm
from embbench.store.round import Round

OTHERS, WAITS = "others", "sample_waits"  # among a round's conditions
FEWEST, LEAST = 2, 0.2  # least number and least share of calm samples; with fewer, all samples count


def undisturbed(line: Round) -> Round:
    """The round with the step times of calm samples, where other programs ran and enough samples are calm; else the
    round unchanged.
    """
    kept = _kept(line)
    if len(kept) == len(_values(line)):
        return line
    whole = line.metrics["step_time"]
    values = msgspec.structs.replace(whole, values=tuple(whole.values[at] for at in kept))
    return msgspec.structs.replace(line, metrics={**line.metrics, "step_time": values})


def is_cut(line: Round) -> bool:
    """Whether `undisturbed` leaves samples out."""
    return len(_kept(line)) < len(_values(line))


def is_disturbed(line: Round) -> bool:
    """Whether other programs affect its step times, because too few samples were calm."""
    return not is_cut(line) and len(_calm(line)) < len(_values(line))


def _kept(line: Round) -> list[int]:
    """Places of the samples that stay."""
    values, kept = _values(line), _calm(line)
    return kept if len(kept) >= max(FEWEST, LEAST * len(values)) else list(range(len(values)))


def _calm(line: Round) -> list[int]:
    """Places of the samples without other programs. A file from outside may hold anything among its conditions."""
    values, noted = _values(line), line.conditions.get(WAITS)
    waits = [each if type(each) in (int, float) else None for each in noted] if isinstance(noted, list) else []
    pairs = [(wait, of) for wait, of in zip(waits, values, strict=False) if wait is not None]
    whole = math.fsum(of for _, of in pairs)
    if len(waits) != len(values) or not whole:
        return list(range(len(values)))
    if not beside_others(line.conditions.get(OTHERS), math.fsum(wait for wait, _ in pairs) / whole):
        return list(range(len(values)))
    return calm(values, waits, (line.case.threads_of_rank if "ranks" in line.conditions else line.case.threads))


def _values(line: Round) -> tuple[float, ...]:
    return line.metrics["step_time"].values if "step_time" in line.metrics else ()
