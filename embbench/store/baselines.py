"""Committed baselines: `results/baselines/<machine>/<suite>.jsonl`, one current file for each machine and suite."""

import glob
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from embbench.errors import MOST_OF_A_NAME, FileError, shortened
from embbench.plain import is_part_of_path, one_line
from embbench.spec.protocol import MEASURING, Protocol
from embbench.store.journal import read_rounds
from embbench.store.machine import Machine, kind_of, kinship, names_of
from embbench.store.replacing import replace_file
from embbench.store.round import Round, encode

DIRECTORY = Path("results/baselines")
FEWEST = 2  # numbers of a case


def place(machine: str, suite: str, directory: Path = DIRECTORY) -> Path:
    """machine: the fingerprint of its kind, so that a baseline is found on a twin too; what a twin may claim is for
    `compare` to say.

    Raises FileError: a name that is no plain part of a path. Both may be of somebody else's results file, which must
    not say where embbench writes.
    """
    for what, name in (("machine", machine), ("suite", suite)):
        if not is_part_of_path(name):
            told = shortened(one_line(name), MOST_OF_A_NAME)
            raise FileError(f"{what} {told!r}: no name for a file under {directory}; a baseline needs a plain one")
    return directory / machine / f"{suite}.jsonl"


def find(machine: Machine, suite: str, directory: Path = DIRECTORY) -> Path:
    """Where the suite's baseline of this machine, or of its kind, is; where it would be, if there is none. A directory
    that an earlier embbench named after other facts is found by the facts that its rounds carry.

    Raises FileError: a baseline that cannot be read, or a suite that no baseline can be named after.
    """
    own = place(kind_of(machine), suite, directory)
    if own.exists():
        return own
    for path in sorted(directory.glob(f"*/{glob.escape(suite)}.jsonl")):
        rounds, _ = read_rounds([path])
        if rounds and all(kinship(each.machine, machine) != "other" for each in rounds):
            return path
    return own


def promote(file: Path, directory: Path = DIRECTORY) -> tuple[Path, int]:
    """Makes the rounds of `file` the baseline of their machine and suite; the path, and how many rounds. Replaces the
    one before at once, so that a reader sees the one or the other.

    Raises FileError: several machines, suites or protocols, a round that no gate may rest on (see `check`), or a place
    that cannot be written.
    """
    rounds, _ = read_rounds([file])
    _only(file, "machine", set(names_of(each.machine for each in rounds)))
    path = place(_only(file, "kind of machine", {kind_of(each.machine) for each in rounds}),
                 _only(file, "suite", {each.suite for each in rounds}), directory)  # fmt: skip
    check(rounds, str(file))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, b"".join(map(encode, rounds)))
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}; it stays as it was") from None
    return path, len(rounds)


def check(rounds: Sequence[Round], where: str) -> None:
    """Raises FileError naming the first thing that a gate could not be held against: rounds of several protocols, one
    that was interrupted, is invalid, has no audit although its contender shows rows, or comes twice; a case with a
    single number, which tells no spread; no number at all. A case that failed here may be part: that it does no
    longer is told, and that it still does is no regression.
    """
    protocol_of(rounds, where)
    seen = set()
    for each in rounds:
        told = f"{where}: round {each.round + 1} of {each.case_id}"
        if each.status == "interrupted":
            raise FileError(f"{told} was interrupted: run the same command again to finish it")
        if each.status == "invalid":
            raise FileError(f"{told} is invalid: {each.reason}; nothing can be held against it")
        if each.status == "ok" and not (each.unproven if each.audit is None else each.audit.passed):
            raise FileError(f"{told} has no audit that passed; measure it again")
        if (each.run, each.case_id, each.round) in seen:
            raise FileError(f"{told} comes twice; measure into a new file: --fresh")
        seen.add((each.run, each.case_id, each.round))
    _check_versions(rounds, where)
    counts = Counter(each.case_id for each in rounds if each.status == "ok")
    if not counts:
        raise FileError(f"{where}: no case came out with a number; nothing can be held against it")
    for name, count in counts.items():
        if count < FEWEST:
            raise FileError(f"{where}: {name} has a single number, which tells no spread; measure it with --rounds 7")


def _check_versions(rounds: Sequence[Round], where: str) -> None:
    known: dict[tuple[str, str], str] = {}
    for each in rounds:
        for name, version in {**each.loaded.told(), **each.software}.items() if each.status == "ok" else ():
            first = known.setdefault((each.case_id, name), version)
            if first != version:
                told = shortened(one_line(f"{name} {first} and with {version}"), MOST_OF_A_NAME)
                raise FileError(
                    f"{where}: {each.case_id} was measured with {told}, which do not mix; measure it again: --fresh"
                )


def protocol_of(rounds: Sequence[Round], where: str) -> Protocol:
    """By which all were measured, with the most rounds that any was asked for. Raises FileError where they differ in
    what decides numbers.
    """
    protocols = {tuple(getattr(each.protocol, name) for name in MEASURING) for each in rounds}
    if len(protocols) != 1:
        raise FileError(f"{where}: its rounds were measured with {len(protocols)} protocols; a baseline needs one")
    return max((each.protocol for each in rounds), key=lambda protocol: protocol.rounds)


def _only(file: Path, what: str, values: set[str]) -> str:
    if len(values) != 1 or not all(values):
        told = ", ".join(sorted(values)) or "none"
        raise FileError(f"{file}: a baseline is of one {what}; this file has {told}")
    return values.pop()
