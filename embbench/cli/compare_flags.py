"""From --metric, --threshold and --across, and a suite's [gate], to the options of a comparison."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from embbench.analysis.compare.evidence import ACROSS, CompareOptions
from embbench.cases.metrics import for_devices
from embbench.cases.suite import expand, load_suite
from embbench.cases.thresholds import decidable, launched, parse_thresholds, with_defaults
from embbench.cli.result_files import suite_of
from embbench.errors import UsageError, unknown
from embbench.store.round import Round

COMPARED = ("step_time", "host_peak")  # without --metric and without a suite's [gate]


def parse_options(
    metric: str,
    threshold: str,
    across: str,
    gate: Mapping[str, float],
    defaults: Mapping[str, float] = MappingProxyType({}),
    compared: Sequence[str] = COMPARED,
) -> CompareOptions:
    """gate: of the suite; --metric and --threshold override it. defaults: thresholds of all other metrics. compared:
    metrics without any of these.

    Raises UsageError with the flag and the nearest valid name.
    """
    metrics, asked, kinds = read_options(metric, threshold, across)
    names = metrics or list(gate) or list(compared)
    for name in asked:
        if name not in names:
            raise UsageError(f"--threshold: {name} is not compared; add it: --metric {','.join([*names, name])}")
    return CompareOptions(with_defaults(names, defaults, gate, asked), kinds)


def launch_options(
    metric: str, threshold: str, across: str, suite: str | None, defaults: Mapping[str, float]
) -> CompareOptions:
    """As `parse_options`, for sides that take turns. suite: name or file of the suite with the [gate]. Raises
    UsageError for a metric that sides taking turns do not measure, too.
    """
    options = parse_options(metric, threshold, across, thresholds_of(suite), defaults)
    for name in options.metrics:
        try:
            launched(name)
        except UsageError as error:
            where = "--metric" if metric else f"suite {suite}: gate"
            raise UsageError(f"{where}: {error}") from None
    return options


def read_options(metric: str, threshold: str, across: str) -> tuple[Sequence[str], Mapping[str, float], frozenset[str]]:
    """The values of the flags: metrics, thresholds, kinds. Raises UsageError, before any file is read."""
    kinds = frozenset(kind.strip() for kind in across.split(",") if kind.strip())
    for kind in kinds - {*ACROSS}:
        raise UsageError(f"--across: {unknown('difference', kind, ACROSS)}")
    return _metrics(metric), parse_thresholds(threshold, "--threshold"), kinds


def thresholds_of(suite: str | None) -> Mapping[str, float]:
    """The [gate] of a suite by name or file; {} without a suite. Raises UsageError."""
    return load_suite(suite).gate if suite else {}


def compared_by_default(rounds: Sequence[Round]) -> Sequence[str]:
    """COMPARED; for rounds on a GPU with the peak of its memory."""
    return for_devices(COMPARED, {line.case.device for line in rounds})


def gate_of(rounds: Sequence[Round]) -> Mapping[str, float]:
    """The [gate] of the built-in suite of all rounds; {} without such a suite. A user's suite may have the same name,
    so its cases are compared.
    """
    suite = suite_of(rounds)
    if suite is None:
        return {}
    cases = {msgspec.structs.replace(case, threads=0) for case in expand(suite.blocks, {})}
    mine = all(msgspec.structs.replace(line.case, threads=0) in cases for line in rounds)
    return suite.gate if mine else {}


def _metrics(text: str) -> Sequence[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        try:
            decidable(name)
        except UsageError as error:
            raise UsageError(f"--metric: {error}") from None
    if text and not names:
        raise UsageError("--metric: name at least one, such as step_time")
    return names
