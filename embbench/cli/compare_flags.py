"""From --metric, --threshold and --across, and a suite's [gate], to the terms of a comparison."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from embbench.cli.result_files import suite_of
from embbench.compare.evidence import ACROSS, CompareOptions
from embbench.errors import UsageError, unknown
from embbench.spec.suite import expand, load_suite
from embbench.spec.thresholds import decidable, launched, parse_thresholds, with_defaults
from embbench.store.round import Round

COMPARED = ("step_time", "host_peak")  # where neither --metric nor a suite says which


def parse_options(
    metric: str,
    threshold: str,
    across: str,
    gate: Mapping[str, float],
    defaults: Mapping[str, float] = MappingProxyType({}),
) -> CompareOptions:
    """gate: of the suite; --metric and --threshold win over it. defaults: where neither says anything.

    Raises UsageError naming the flag and the nearest valid name.
    """
    told, asked, kinds = read_options(metric, threshold, across)
    names = told or list(gate) or list(COMPARED)
    for name in asked:
        if name not in names:
            raise UsageError(f"--threshold: {name} is not compared; add it: --metric {','.join([*names, name])}")
    return CompareOptions(with_defaults(names, defaults, gate, asked), kinds)


def launch_terms(
    metric: str, threshold: str, across: str, suite: str | None, defaults: Mapping[str, float]
) -> CompareOptions:
    """As `parse_options`, where sides take turns. suite: by name or file, whose [gate] is meant. Raises UsageError too
    where a metric is not measured so.
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
    """What the flags say by themselves: metrics, thresholds, kinds. Raises UsageError, before any file is read."""
    kinds = frozenset(kind.strip() for kind in across.split(",") if kind.strip())
    for kind in kinds - {*ACROSS}:
        raise UsageError(f"--across: {unknown('difference', kind, ACROSS)}")
    return _metrics(metric), parse_thresholds(threshold, "--threshold"), kinds


def thresholds_of(suite: str | None) -> Mapping[str, float]:
    """The [gate] of a suite by name or file; nothing where none is named. Raises UsageError."""
    return load_suite(suite).gate if suite else {}


def gate_of(rounds: Sequence[Round]) -> Mapping[str, float]:
    """The [gate] of the built-in suite that all rounds are of; nothing where there is none. A suite of the user's own
    may have the same name: its cases tell.
    """
    suite = suite_of(rounds)
    if suite is None:
        return {}
    cases = {msgspec.structs.replace(case, threads=0) for case in expand(suite.blocks, {})}
    mine = all(msgspec.structs.replace(line.case, threads=0) in cases for line in rounds)
    return suite.gate if mine else {}


def _metrics(told: str) -> Sequence[str]:
    names = [name.strip() for name in told.split(",") if name.strip()]
    for name in names:
        try:
            decidable(name)
        except UsageError as error:
            raise UsageError(f"--metric: {error}") from None
    if told and not names:
        raise UsageError("--metric: name at least one, such as step_time")
    return names
