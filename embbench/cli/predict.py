"""`embbench predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embbench.cli.flags import AXIS_FLAGS, Flags, Output, with_flags
from embbench.cli.result_files import read
from embbench.cli.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embbench.analysis.collapse.collapse import Result
    from embbench.cases.case import Case
    from embbench.report.prediction_ranks import RankRow

SLOWEST_LINK = 1_000  # bytes per second: a smaller number has lost its G


@with_flags(AXIS_FLAGS)
def predict(
    flags: Flags,
    files: Annotated[list[Path], typer.Argument(help="Results from `embbench run` with several vocabularies.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="FILE.py:NAME",
            help="Your own model in the results. Short for --contender FILE.py:NAME.",
            show_default=False,
        ),
    ] = None,
    link: Annotated[
        str | None,
        typer.Option(
            "--link",
            metavar="RATE",
            help="With --ranks: bytes per second that a rank sends to others, such as 12.5G; as measured if not given.",
            show_default=False,
        ),
    ] = None,
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, json or html.")] = "text",
    output: Output = None,
) -> int:
    """Predict time and memory of sizes that were not measured, with 95 % intervals.

    A prediction is a line through the measured sizes of the same path. An axis that the results do not vary, or a size
    that is too far away, gets no prediction. With --ranks, memory, sent bytes and time of a rank come from arithmetic
    and measured rates, which are held to the measured cases of the same way.

    \b
    Examples:
      embbench predict results/embedding-scaling.jsonl --vocab 20M
      embbench predict today.jsonl --vocab 5M,20M --dim 256 --contender pytorch --update compact
      embbench predict today.jsonl --vocab 20M --format json
      embbench predict ranks.jsonl --contender torchrec --vocab 1G --ranks 8,64 --batch 512
      embbench predict ranks.jsonl --vocab 100M --ranks 8 --link 12.5G

    \b
    Exit codes: 0 predicted, 2 usage or broken file, 5 no prediction.
    """
    from embbench.analysis.collapse.collapse import collapse
    from embbench.analysis.collapse.measures import Measures
    from embbench.analysis.cost.predict import predict as predicted
    from embbench.analysis.cost.rank_lacks import SingleProcess
    from embbench.analysis.cost.ranks import PredictedRanks, least_ranks, predict_ranks
    from embbench.contenders import discover
    from embbench.engines.model_file import check_reference
    from embbench.errors import NothingMeasured, UsageError
    from embbench.report.prediction_document import MachineMemory, prediction_document
    from embbench.report.prediction_ranks import RankRow
    from embbench.report.writers import check_format

    check_format(format_name, csv=False)
    if model is not None:
        if flags["contender"]:
            raise UsageError("--model sets the contender: leave --contender out")
        flags = {**flags, "contender": [check_reference(model)]}
    results = collapse(read(files))
    measures = Measures(results)
    cases = _cases(results, flags)
    rate = _rate(link, cases)
    made = [predicted(case, results, measures) for case in cases if case.ranks == 1]
    room = MachineMemory(_memory("cpu"), _memory("cuda"))
    ranks, contenders = [], discover()
    for case in cases:
        known = contenders.get(case.contender)
        if case.ranks > 1 and known is not None and not known.declaration.spread:  # also of rounds that do not say so
            ranks.append(RankRow(PredictedRanks(case, None, None, None, 0, lack=SingleProcess()), None))
        elif case.ranks > 1:
            here = (room.host if case.device == "cpu" else room.device) or 0
            told = predict_ranks(case, results, measures, rate)
            ranks.append(RankRow(told, least_ranks(case, results, measures, here)))
    ranks = _with_planners(ranks)
    show(prediction_document(made, room, ranks), format_name, output)
    found = [number for each in made for number in (each.seconds, each.bytes)]
    for each in ranks:
        found += [each.predicted.bytes, None if each.predicted.time is None else each.predicted.time.seconds]
    if all(each is None for each in found):
        raise NothingMeasured("no case has a prediction; the notes above give the reasons")
    return 0


def _rate(link: str | None, cases: "Sequence[Case]") -> int | None:
    """Bytes per second of --link. Raises UsageError."""
    from embbench.cases.units import parse_count
    from embbench.errors import UsageError
    from embbench.plain import one_line

    if link is None:
        return None
    if all(case.ranks == 1 for case in cases):
        raise UsageError("--link: add --ranks; a single process sends nothing")
    try:
        rate = parse_count(link)
    except ValueError:
        rate = 0
    if rate < SLOWEST_LINK:
        raise UsageError(f"--link {one_line(link)}: give bytes per second, such as 12.5G for 100 Gbit/s")
    return rate


def _with_planners(rows: "Sequence[RankRow]") -> "list[RankRow]":
    """The rows, with what the frameworks' own planners estimate from the same rates."""
    import msgspec

    from embbench.contenders import discover
    from embbench.launch.planner import ask_planner

    contenders = discover()
    alike: dict[tuple[str, float, float], list[int]] = {}
    for number, row in enumerate(rows):
        name, time = row.predicted.case.contender, row.predicted.time
        planner = name in contenders and contenders[name].declaration.planner
        if planner and time is not None and time.memory and time.link:
            alike.setdefault((name, time.memory, time.link), []).append(number)
    made = list(rows)
    for (name, memory, link), numbers in alike.items():
        contender = contenders[name]
        answers = ask_planner(contender, [rows[number].predicted.case for number in numbers], memory, link)
        for number, asked in zip(numbers, answers, strict=True):
            made[number] = msgspec.structs.replace(rows[number], planner=contender.declaration.planner, asked=asked)
    return made


def _cases(results: "Sequence[Result]", flags: Flags) -> "list[Case]":
    """The cases to predict: the values of the flags, and for other axes the values of every path. Raises UsageError."""
    import itertools
    import math

    import msgspec

    from embbench.cases.axes import parse_axis
    from embbench.cases.case import NO_UPDATE, make_case
    from embbench.cases.former import as_asked
    from embbench.cases.suite import check_number
    from embbench.cli.planning import canonical
    from embbench.errors import NothingMeasured, UsageError

    asked: dict[str, Sequence[Any]] = {axis: parse_axis(axis, flags[axis]) for axis in AXIS_FLAGS if flags[axis]}
    if not {"vocab", "dim", "ranks"} & set(asked):
        raise UsageError("--vocab: name the sizes to predict, such as --vocab 20M")
    known = {each.case.tokens for each in results}
    asked = {
        axis: tuple(value if axis == "tokens" and value in known else canonical(axis, value) for value in values)
        for axis, values in asked.items()
    }
    ways = ("contender", "table", "update", "runtime", "optimizer")
    chosen = {axis: values for axis, values in asked.items() if axis in ways}
    named = ((each.case, as_asked(each.case, chosen)) for each in results)
    kept = [case for case, name in named if all(getattr(name, axis) in values for axis, values in chosen.items())]
    if not kept:
        wanted = " ".join(f"{axis}={'|'.join(map(str, values))}" for axis, values in chosen.items())
        raise NothingMeasured(f"no result has {wanted or 'a case'}; `embbench report` shows all cases")
    free = {axis: values for axis, values in asked.items() if axis not in chosen}
    check_number(len(kept) * math.prod(map(len, free.values())))
    cases: dict[Case, None] = {}
    for case in kept:
        for values in itertools.product(*free.values()):
            axes = msgspec.structs.asdict(case) | dict(zip(free, values, strict=True))
            if axes["update"] == NO_UPDATE:
                axes.pop("update")
            cases[make_case(axes)] = None
    return list(cases)


def _memory(device: str) -> int | None:
    """Bytes of this machine, or of its first device; None without a device."""
    from embbench.host.devices import list_devices
    from embbench.host.machine import machine_facts

    if device == "cpu":
        facts = machine_facts()
        return min(facts["memory"], facts["limit"] or facts["memory"])
    return next((each.memory for each in list_devices()), None)
