"""Committed baselines: `results/baselines/<machine>/<suite>.jsonl`, one current file per machine and suite."""

import glob
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from embbench.cases.case import also_varying, label
from embbench.cases.protocol import MEASURING, Protocol
from embbench.errors import MOST_OF_A_NAME, FileError, shortened
from embbench.plain import is_part_of_path, one_line
from embbench.store.journal import read_rounds
from embbench.store.machine import Machine, kind_of, kinship, names_of
from embbench.store.replacing import replace_file
from embbench.store.round import Round, encode

DIRECTORY = Path("results/baselines")
FEWEST = 2  # least numbers per case


def place(machine: str, suite: str, directory: Path = DIRECTORY) -> Path:
    """The path of a baseline. machine: the fingerprint of the kind of machine, so that a twin finds the baseline too;
    `compare` decides which results hold for a twin.

    Raises FileError if a name is not a plain part of a path. Both names may come from another person's results file,
    which must not decide where embbench writes.
    """
    for what, name in (("machine", machine), ("suite", suite)):
        if not is_part_of_path(name):
            shown = shortened(one_line(name), MOST_OF_A_NAME)
            raise FileError(f"{what} {shown!r}: no name for a file under {directory}; a baseline needs a plain name")
    return directory / machine / f"{suite}.jsonl"


def find(machine: Machine, suite: str, directory: Path = DIRECTORY) -> Path:
    """The path of the suite's baseline of this machine or its kind; without a baseline, the path that it would have. An
    earlier embbench named directories after other facts: such a directory is found by the facts in its rounds.

    Raises FileError if a baseline cannot be read, or if the name of the suite cannot be a file name.
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
    """Makes the rounds of `file` the baseline of their machine and suite. Returns its path and the number of rounds.
    Replaces an earlier baseline at once, so that a reader sees either the old file or the new file.

    Raises FileError for several machines, suites or protocols, for a round that a gate cannot use (see `check`), and
    for a place that cannot be written.
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
        raise FileError(f"{path}: {error.strerror}; the file was not changed") from None
    return path, len(rounds)


def check(rounds: Sequence[Round], where: str) -> None:
    """Raises FileError naming the first problem for a gate: rounds of several protocols; a round that was interrupted,
    is invalid, comes twice, or has no audit although its contender shows rows; a case with a single round, which gives
    no interval; no number at all. A case that failed may be part of a baseline: the gate reports if it works now, and
    no regression if it still fails.
    """
    protocol_of(rounds, where)
    seen, also = set(), also_varying([each.case for each in rounds])
    for each in rounds:
        name = f"{where}: round {each.round + 1} of {label(each.case, also)}"
        if each.status == "interrupted":
            raise FileError(f"{name} was interrupted: run the same command again to finish it")
        if each.status == "invalid":
            raise FileError(f"{name} is invalid: {each.reason}; nothing can be compared with it")
        if each.status == "ok" and not (each.unproven if each.audit is None else each.audit.passed):
            raise FileError(f"{name} has no passed audit; measure it again")
        if (each.run, each.case_id, each.round) in seen:
            raise FileError(f"{name} comes twice; measure into a new file: --fresh")
        seen.add((each.run, each.case_id, each.round))
    _check_versions(rounds, where, also)
    counts = Counter(label(each.case, also) for each in rounds if each.status == "ok")
    if not counts:
        raise FileError(f"{where}: no case has a number; nothing can be compared with it")
    for name, count in counts.items():
        if count < FEWEST:
            raise FileError(f"{where}: {name}: one round gives no interval; measure it with --rounds 7")


def _check_versions(rounds: Sequence[Round], where: str, also: Sequence[str]) -> None:
    known: dict[tuple[str, str], str] = {}
    for each in rounds:
        for name, version in {**each.loaded.told(), **each.software}.items() if each.status == "ok" else ():
            first = known.setdefault((each.case_id, name), version)
            if first != version:
                versions = shortened(one_line(f"{name} {first} and with {version}"), MOST_OF_A_NAME)
                case = label(each.case, also)
                raise FileError(
                    f"{where}: {case} was measured with {versions}, which do not mix; measure it again: --fresh"
                )


def protocol_of(rounds: Sequence[Round], where: str) -> Protocol:
    """The protocol of all rounds, with the largest number of rounds. Raises FileError if protocols differ in a setting
    that changes numbers.
    """
    protocols = {tuple(getattr(each.protocol, name) for name in MEASURING) for each in rounds}
    if len(protocols) != 1:
        raise FileError(f"{where}: its rounds were measured with {len(protocols)} protocols; a baseline needs one")
    return max((each.protocol for each in rounds), key=lambda protocol: protocol.rounds)


def _only(file: Path, what: str, values: set[str]) -> str:
    if len(values) != 1 or not all(values):
        names = ", ".join(sorted(values)) or "none"
        raise FileError(f"{file}: a baseline has exactly one {what}; this file has {names}")
    return values.pop()
