"""A gate against a file: its baseline, its measurements and its result."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench.analysis.compare.differences import differences
from embbench.analysis.compare.evidence import CompareOptions
from embbench.analysis.compare.match import match, shared_rounds
from embbench.analysis.compare.outcome import compare, exit_code
from embbench.cases.case import case_id
from embbench.cases.protocol import LEAST_ROUNDS
from embbench.cases.suite import load_suite
from embbench.cli.compare_flags import parse_options, read_options
from embbench.cli.flags import AXIS_FLAGS, Flags
from embbench.cli.planning import DEFAULT_SUITE, make_work
from embbench.cli.result_files import read, suite_of
from embbench.cli.run import measure
from embbench.errors import EXIT_INTERRUPTED, NothingMeasured, UsageError
from embbench.host.machine import machine_facts
from embbench.launch.resume import kept
from embbench.launch.runner import Work
from embbench.report.comparisons import Compared
from embbench.report.gate_report import GateResult
from embbench.report.how_measured import dates
from embbench.store.baselines import check, find, protocol_of
from embbench.store.round import Round


class GateRequest(msgspec.Struct, frozen=True):
    """The flags of `gate` against a file."""

    baseline: Path | None
    candidate: Path | None
    metric: str
    threshold: str
    across: str
    budget: float | None
    out: str | None
    force: bool
    wait: bool


def gate_against_file(flags: Flags, asked: GateRequest, name: str, strict: bool) -> GateResult:
    """Measures the suite as its baseline was measured, unless a candidate is given, and compares.

    Raises UsageError; FileError for a file that cannot be read or is no baseline; NothingMeasured where this machine
    has no baseline, or the baseline has none of the cases.
    """
    if asked.budget is not None:
        raise UsageError("--budget is for two sides that alternate; a run has the protocol of its baseline")
    read_options(asked.metric, asked.threshold, asked.across)
    path, base = _baseline(flags, asked)
    known = suite_of(base)
    named = flags["suite"] or (known.name if known else None)
    flags = {**flags, "suite": named, "within": None, "rounds": None, "budget": None}
    work, suite = make_work(flags, asked.force)
    options = parse_options(asked.metric, asked.threshold, asked.across, suite.gate)
    if any(flags[axis] for axis in AXIS_FLAGS):  # the axes choose a part of the suite, so the rest is not missing
        wanted = {case_id(case) for case in work.plan.cases}
        base = [line for line in base if line.case_id in wanted]
    _check_carried(path, base, options)
    interrupted = False
    if asked.candidate is not None:
        file, candidate = asked.candidate, read([asked.candidate])
    else:
        _check_apart(path, Path(asked.out) if asked.out else None)
        _check_shared(path, base, work)
        file, outcome = measure(_as_measured(work, base, path, flags), asked.out, asked.out is None, asked.wait)
        candidate, interrupted = list(outcome.rounds), outcome.interrupted
    _check_different(path, base, file, candidate)
    pairs = match(base, candidate)
    comparisons = tuple(compare(pairs, options))
    differ = tuple(differences(*shared_rounds(pairs)))
    shown = Compared(f"{path} · {dates(base)}", f"{file} · {dates(candidate)}", comparisons, differ)
    if interrupted:
        return GateResult(name, shown, EXIT_INTERRUPTED, strict, f"interrupted; {kept(file)}")
    return GateResult(name, shown, exit_code(comparisons, strict), strict)


def _baseline(flags: Flags, asked: GateRequest) -> tuple[Path, list[Round]]:
    if asked.baseline is not None:
        path = asked.baseline
    else:
        suite = flags["suite"] or DEFAULT_SUITE
        path = find(machine_facts(), load_suite(suite).name)
        if not path.exists():
            raise NothingMeasured(
                f"{path}: this machine has no baseline of the suite {suite}; measure one: embbench run --suite {suite} "
                "--rounds 7 --out new.jsonl, then: embbench baseline promote new.jsonl"
            )
    rounds = read([path])
    check(rounds, str(path))
    return path, rounds


def _check_shared(path: Path, base: Sequence[Round], work: Work) -> None:
    """Raises NothingMeasured before minutes are spent on cases that the baseline lacks."""
    if not {line.case_id for line in base} & {case_id(case) for case in work.plan.cases}:
        raise NothingMeasured(f"{path}: the baseline has none of the chosen cases; name its suite with --suite")


def _check_carried(path: Path, base: Sequence[Round], options: CompareOptions) -> None:
    """Raises UsageError before minutes are spent on metrics that the baseline lacks."""
    known = {name for line in base for name in line.metrics}
    if known and (missing := [name for name in options.metrics if name not in known]):
        raise UsageError(f"{path}: no round has {', '.join(missing)}; choose other metrics with --metric")


def _check_apart(path: Path, out: Path | None) -> None:
    if out is not None and out.exists() and path.samefile(out):
        raise UsageError(f"--out {out} is the baseline itself; name another file")


def _check_different(path: Path, base: Sequence[Round], file: Path, candidate: Sequence[Round]) -> None:
    """Raises UsageError: a run that is compared with itself always passes."""
    known = {(line.run, line.case_id, line.round, line.started) for line in base}
    if any((line.run, line.case_id, line.round, line.started) in known for line in candidate):
        raise UsageError(f"{file} holds rounds of the baseline {path}: name another run")


def _as_measured(work: Work, base: Sequence[Round], path: Path, flags: Flags) -> Work:
    """The work with the baseline's protocol, because other protocols are not comparable. For a baseline with --within,
    every case gets the least number of rounds of a case there.
    """
    protocol = protocol_of(base, str(path))
    if any(line.protocol.within for line in base):
        fewest = min(Counter(line.case_id for line in base if line.status == "ok").values(), default=LEAST_ROUNDS)
        protocol = msgspec.structs.replace(protocol, within=0.0, rounds=fewest)
    if flags["timeout"] is not None:
        protocol = msgspec.structs.replace(protocol, timeout=flags["timeout"])
    return msgspec.structs.replace(work, plan=msgspec.structs.replace(work.plan, protocol=protocol))
