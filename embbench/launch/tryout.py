"""Tries lies and honest programs on contenders, each in its own worker, as for every number that embbench shows.

Several programs in one process would save imports, which take most of the time. But a program may leave memory, a child
or a thread behind, or the slow first step done, and that would change the verdict on the next program.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from embbench.cases.case import Case, make_case
from embbench.cases.protocol import PRESETS, Protocol
from embbench.cases.update_path import Path
from embbench.contenders import Contender
from embbench.launch.estimate import round_seconds
from embbench.launch.executor import Executor
from embbench.launch.preflight import lacks_of
from embbench.launch.pythons import Pythons
from embbench.launch.requests import make_request
from embbench.launch.runtime_needs import lacking
from embbench.lies import Plant
from embbench.plain import one_line
from embbench.store.round import Round
from embbench.store.tryout import Tryout, TryoutVerdict

CASE: dict[str, Any] = {
    "vocab": 4000, "dim": 16, "hidden": 8, "batch": 8, "seq": 8, "tokens": "zipf:1", "threads": 1,
}  # fmt: skip
PROTOCOL: Protocol = msgspec.structs.replace(PRESETS["quick"], budget=0.1, warmup=0.1, timeout=120.0)


def one_of_each(contenders: Mapping[str, Contender], pythons: Pythons) -> list[str]:
    """One contender per framework that is installed in the environment that runs it. A contender is left out if its
    packages include all packages of another contender, or if it needs several processes to matter. The first of several
    with the same packages counts.
    """
    alone = {name: each for name, each in contenders.items() if not each.declaration.spread}
    whole = {name: each for name, each in alone.items() if not lacks_of(each, pythons.of(each)).packages}
    there = {name: set(each.declaration.packages) for name, each in whole.items()}
    chosen: list[str] = []
    for name, packages in there.items():
        if not any(other < packages for other in there.values()) and packages not in [there[each] for each in chosen]:
            chosen.append(name)
    return chosen


def tries(plants: Iterable[Plant], contenders: Sequence[Contender], axes: Mapping[str, Any]) -> list[
    tuple[Plant, Contender, Case]
]:  # fmt: skip
    """The programs to try, contender by contender. axes: of every case, unless a program sets them itself. Programs
    for the insides of other contenders are left out.
    """
    return [
        (plant, contender, make_case({**CASE, **axes, **plant.axes, "contender": contender.name}))
        for contender in contenders
        for plant in plants
        if not plant.only or contender.name in plant.only
    ]


def seconds_of(to_try: Iterable[tuple[Plant, Contender, Case]]) -> float:
    """Predicted seconds of all tries."""
    return sum(
        round_seconds(case, contender.declaration, PROTOCOL)
        for _, contender, case in to_try
        if isinstance(contender.declaration.path(case), Path)
    )


def carry_out(
    to_try: Iterable[tuple[Plant, Contender, Case]], executor: Executor, stopped: Callable[[], bool]
) -> Iterator[Tryout]:
    """Yields each result when its worker ends. Ends early if the user wants to stop."""
    for number, (plant, contender, case) in enumerate(to_try):
        path = contender.declaration.path(case)
        if reason := path if isinstance(path, str) else lacking(case.runtime, case.device):
            yield _tryout(plant, contender, "absent", reason)
            continue
        if stopped():
            return
        request = make_request("selftest", "audit", case, number, PROTOCOL, contender, planted=plant.name)
        round_ = executor.execute(request, PROTOCOL.timeout, lambda phase: None)
        if round_.status == "interrupted":
            return
        verdict, text = verdict_of(plant, round_)
        yield _tryout(plant, contender, verdict, text, tuple(warning.code for warning in round_.warnings))


def verdict_of(plant: Plant, round_: Round) -> tuple[TryoutVerdict, str]:
    """(verdict on the plant by its round, text of the reason)."""
    if round_.status in ("unsupported", "skipped"):
        return "absent", round_.reason or ""
    if round_.status == "invalid":
        return ("refused" if plant.honest else "caught"), round_.reason or ""
    if round_.status != "ok":
        return "broke", f"{round_.status}: {round_.reason}"
    if plant.honest:
        return "accepted", ""
    if plant.told and any(warning.code == plant.told for warning in round_.warnings):
        return "warned", plant.told
    return "passed", ""


def _tryout(
    plant: Plant, contender: Contender, verdict: TryoutVerdict, text: str, codes: tuple[str, ...] = ()
) -> Tryout:
    return Tryout(plant.name, plant.does, plant.honest, contender.name, verdict, one_line(text), codes)
