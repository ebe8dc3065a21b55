"""Flags with the same meaning on all verbs. Nothing heavy is imported here: `--help` must be fast."""

import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from embbench.cases.workload_axes import WORKLOAD_AXES

Flags = dict[str, Any]

CASES = "A list or a range: 200k,2M  200k:2M:x2  64:512:+64"
_AXES = {
    "contender": ("NAME|FILE.py", "Implementation: names from `embbench list contenders`, or your own file."),
    "workload": ("NAME", "What is trained; `embbench list workloads` shows the names."),
    "table": ("KIND", "frozen, trainable, hybrid or onehot."),
    "update": ("NAME", "How the optimizer updates the table; `embbench list contenders` shows the names."),
    "runtime": ("NAME", "Memory settings of the process; `embbench list runtimes` shows the names."),
    "optimizer": ("NAME", "sgd, momentum, adagrad, adam or adamw."),
    "vocab": ("ROWS", f"Rows of the table. {CASES}"),
    "dim": ("N", "Columns of the table."),
    **{name: ("NAME" if axis.choices else "N", axis.help) for name, axis in WORKLOAD_AXES.items()},
    "batch": ("N", "Sequences in a batch."),
    "seq": ("N", "Tokens in a sequence."),
    "tokens": (
        "STREAM",
        "words, words:shuffled, uniform or zipf:S (add :sorted to sort the ids of a batch); same; corpus:FILE "
        "(running text), texts:FILE (a text per line, padded), labelled:FILE (see --data) or ids:FILE (ids from your "
        "own tokenizer).",
    ),
    "ids": ("TYPE", "Integer type of the token ids: int64 or int32."),
    "dtype": ("TYPE", "float32 or float64."),
    "device": ("NAME", "cpu or cuda."),
    "ranks": ("N", "Processes that share each step, for contenders that spread over ranks, such as ddp."),
    "threads": ("N", "CPU threads, divided among the ranks; 0 uses all CPUs of the process."),
    "seed": ("N", "Seed of tokens and weights; the first seed also shuffles the order of the rounds."),
}


def whole(text: str) -> int:
    """A flag's whole number, as an axis takes it: 1000, 1_000, 1k or 1e3. Raises BadParameter with what to write."""
    from embbench.cases.units import parse_count

    return _read(parse_count, text)


def seconds(text: str) -> float:
    """A flag's seconds: 0.5, 1_000 or 1e3. Raises BadParameter with what to write."""
    from embbench.cases.units import parse_seconds

    return _read(parse_seconds, text)


def duration(text: str) -> float:
    """A flag's time in seconds: 240, 90s, 4m or 1.5h. Raises BadParameter with what to write."""
    from embbench.cases.units import parse_duration

    return _read(parse_duration, text)


def _read(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(str(text))  # a default is a number already
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


_PARSERS = {int | None: whole, float | None: seconds}


def _option(kind: Any, name: str, metavar: str, text: str, parse: Callable[[str], Any] | None = None) -> Any:
    parser = parse or _PARSERS.get(kind)
    flag = f"--{name.replace('_', '-')}"
    return Annotated[kind, typer.Option(flag, metavar=metavar, help=text, show_default=False, parser=parser)]


AXIS_FLAGS = {name: _option(list[str] | None, name, *words) for name, words in _AXES.items()}
PLAN_FLAGS = {
    "suite": _option(str | None, "suite", "NAME|FILE.toml", "The cases to start from; embedding-scaling if not given."),
    "model": _option(
        str | None,
        "model",
        "FILE.py:NAME",
        "Your own model: a function that returns model, optimizer, loss and batches. Short for --contender "
        "FILE.py:NAME --workload own_model.",
    ),
    **AXIS_FLAGS,
    "preset": _option(str | None, "preset", "NAME", "quick, standard or thorough."),
    "within": _option(
        float | None,
        "within",
        "TIME",
        "Time for the whole run: 240, 90s, 4m or 1.5h. A case gets one round, and a second where it fits. Further "
        "rounds go where they help most, until every time is known within 30% and every ratio within 15%.",
        duration,
    ),
    "rounds": _option(
        int | None, "rounds", "N", "Rounds (fresh processes) per case; with --within, the least number where it fits."
    ),
    "budget": _option(float | None, "budget", "SECONDS", "Seconds of timed samples per round."),
    "timeout": _option(float | None, "timeout", "SECONDS", "Seconds after which a round is stopped."),
}
DATA_FLAG = {
    "data": _option(
        str | None,
        "data",
        "FILE",
        "Learn your own texts: a label, a tab and a text per line, at most 8 labels. Short for --workload topics "
        "--tokens labelled:FILE.",
    ),
}
SHARD_FLAG = {
    "shard": _option(
        str | None,
        "shard",
        "K/N",
        "Part K of N of the cases, the same on every machine: 3/8. Cases that are compared stay in one part. `cat` "
        "merges the results files.",
    ),
}
VIEW_FLAGS = {
    "row": _option(str | None, "row", "AXES", "Axes of the rows: vocab or tokens,vocab"),
    "col": _option(str | None, "col", "AXES", "Axes of the columns: table,update; or metric, for a column per metric."),
    "metric": _option(str | None, "metric", "NAMES", "Metrics, a table per metric: step_time,host_peak"),
    "reference": _option(
        str | None,
        "reference",
        "AXIS=VALUE",
        "Denominator of ratios: table=trainable,update=default; '' for none.",
    ),
    "filter": _option(
        str | None,
        "filter",
        "CONDITIONS",
        "Cases to show: 'vocab>=1M,update=default|sparse', where | separates alternatives. Write the quotes: without "
        "them the shell reads > and |.",
    ),
}

Metrics = Annotated[
    str,
    typer.Option(
        "--metric",
        metavar="NAMES",
        help="Metrics to compare. If not given: the metrics of the suite's [gate], else step_time,host_peak.",
        show_default=False,
    ),
]
Threshold = Annotated[
    str,
    typer.Option(
        "--threshold",
        metavar="METRIC=SHARE",
        help="Smallest change that counts: step_time=5%,host_peak=1%. If not given: the suite's [gate], else 5% of a "
        "time (1% if the sides alternate) and 0.5% of bytes.",
        show_default=False,
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 3 if a comparison is undecided.")]
ExplainedModel = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="FILE.py:NAME",
        help="Explain your own model: a function that returns model, optimizer, loss and batches.",
        show_default=False,
    ),
]
ModelTime = Annotated[
    float | None,
    typer.Option(
        "--within",
        metavar="TIME",
        help="Time for the rounds of --model; if not given, the command takes about 3 minutes.",
        show_default=False,
        parser=duration,
    ),
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Exit if another embbench measures on this machine; do not wait.")
]
Details = Annotated[
    bool, typer.Option("--details", help="Show everything: all tables, definitions, machine, versions, warnings.")
]
Format = Annotated[str, typer.Option("--format", metavar="NAME", help="text, md, csv, json or html.")]


def place(parameter: typer.CallbackParam, value: Path | None) -> Path | None:
    """Checks a file that a command writes at its end. Raises FileError before the command measures for minutes."""
    from embbench.cli.output import check_place

    if value is not None:
        check_place(value, parameter.opts[0])
    return value


Output = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="FILE", help="Write to this file instead of stdout.", show_default=False, callback=place
    ),
]
PageFile = Annotated[
    Path | None,
    typer.Option(
        "--page",
        metavar="FILE",
        help="Also write a page; beside a results file in results/local/ if not given.",
        show_default=False,
        callback=place,
    ),
]


def with_flags(*groups: dict[str, Any]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Adds the flags of `groups` to a command, which gets their values as a dict: its argument `flags`."""
    shared = {name: annotation for group in groups for name, annotation in group.items()}

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        parameters = [each for name, each in inspect.signature(command).parameters.items() if name != "flags"]

        @functools.wraps(command)
        def call(**values: Any) -> int:
            flags = {name: values.pop(name) for name in shared}
            return command(flags=flags, **values)

        added = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for name, annotation in shared.items()
        ]
        parameters = [*added, *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters)]
        setattr(call, "__signature__", inspect.Signature(parameters))  # noqa: B010 - a function has no such attribute yet
        call.__annotations__ = {each.name: each.annotation for each in parameters}
        return call

    return decorate


def one_of(name: str, value: str, valid: Sequence[str]) -> str:
    """Returns the value. Raises UsageError with the flag and the nearest valid value."""
    if value not in valid:
        from embbench.errors import UsageError, unknown

        raise UsageError(f"--{name}: " + unknown("value", value, valid))
    return value
