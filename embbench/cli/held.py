"""A gate against a file: which baseline, what is measured, and what comes out."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from embbench.cli.flags import AXIS_FLAGS, Flags
from embbench.cli.planning import make_work
from embbench.cli.run import measure
from embbench.cli.terms import parse_terms
from embbench.compare.differences import differences
from embbench.compare.match import match
from embbench.compare.outcome import compare, exit_code
from embbench.errors import EXIT_INTERRUPTED, FileError, NothingMeasured
from embbench.host.machine import machine_facts
from embbench.launch.runner import Work
from embbench.report.caption import dates
from embbench.report.comparisons import Told
from embbench.report.ruling import Ruling
from embbench.spec.case import case_id
from embbench.store.baselines import check, place
from embbench.store.journal import read_rounds
from embbench.store.round import Round


class Held(msgspec.Struct, frozen=True):
    """What `gate` is asked about a file; see its flags."""

    baseline: Path | None
    candidate: Path | None
    metric: str
    threshold: str
    out: str | None
    force: bool


def hold(flags: Flags, asked: Held, name: str, strict: bool) -> Ruling:
    """Measures the suite as its baseline was measured, unless a candidate is given, and compares.

    Raises UsageError; FileError: a file that cannot be read or that no gate may rest on; NothingMeasured: no baseline
    of this machine.
    """
    work, suite = make_work({**flags, "rounds": None, "budget": None}, asked.force)
    terms = parse_terms(asked.metric, asked.threshold, "", suite.gate)
    path = asked.baseline or place(str(machine_facts()["fingerprint"]), suite.name)
    base = _baseline(path, asked.baseline is None, flags["suite"] or suite.name)
    if asked.candidate is not None:
        told, candidate, interrupted = str(asked.candidate), _read(asked.candidate), False
    else:
        file, outcome = measure(_as_measured(work, base, path, flags), asked.out, fresh=asked.out is None)
        told, candidate, interrupted = str(file), list(outcome.rounds), outcome.interrupted
    if any(flags[axis] for axis in AXIS_FLAGS):  # a part of the suite is asked for, so the rest is not missing
        wanted = {case_id(case) for case in work.plan.cases}
        base = [line for line in base if line.case_id in wanted]
    found = tuple(compare(match(base, candidate), terms))
    differ = tuple(map(str, differences(base, candidate)))
    shown = Told(f"{path} · {dates(base)}", f"{told} · {dates(candidate)}", found, differ)
    if interrupted:
        return Ruling(name, shown, EXIT_INTERRUPTED, strict, f"interrupted; every finished round is in {told}")
    return Ruling(name, shown, exit_code(found, strict), strict)


def _baseline(path: Path, is_default: bool, suite: str) -> list[Round]:
    if is_default and not path.exists():
        raise NothingMeasured(
            f"{path}: this machine has no baseline of the suite {suite}; measure one: embbench run --suite {suite} "
            "--out new.jsonl, then: embbench baseline promote new.jsonl"
        )
    rounds = _read(path)
    check(rounds, str(path))
    return rounds


def _read(path: Path) -> list[Round]:
    return read_rounds([path])[0]


def _as_measured(work: Work, base: Sequence[Round], path: Path, flags: Flags) -> Work:
    """The work, by the baseline's protocol: by another one its numbers could not be compared."""
    protocols = {line.protocol for line in base}
    if len(protocols) != 1:
        raise FileError(f"{path}: its rounds were measured with {len(protocols)} protocols; a baseline needs one")
    protocol = protocols.pop()
    if flags["timeout"] is not None:
        protocol = msgspec.structs.replace(protocol, timeout=flags["timeout"])
    return msgspec.structs.replace(work, plan=msgspec.structs.replace(work.plan, protocol=protocol))
