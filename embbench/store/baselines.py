"""Committed baselines: `results/baselines/<machine>/<suite>.jsonl`, one current file for each machine and suite."""

import tempfile
from pathlib import Path

from embbench.errors import FileError
from embbench.store.journal import read_rounds
from embbench.store.round import Round, encode

DIRECTORY = Path("results/baselines")


def place(machine: str, suite: str, directory: Path = DIRECTORY) -> Path:
    """machine: its fingerprint."""
    return directory / machine / f"{suite}.jsonl"


def promote(file: Path, directory: Path = DIRECTORY) -> tuple[Path, int]:
    """Makes the rounds of `file` the baseline of their machine and suite; the path, and how many rounds. Replaces the
    one before at once, so that a reader sees the one or the other.

    Raises FileError: several machines or suites, a case without a number, or a place that cannot be written.
    """
    rounds, _ = read_rounds([file])
    path = place(_only(file, "machine", {str(each.machine.get("fingerprint", "unknown")) for each in rounds}),
                 _only(file, "suite", {each.suite for each in rounds}), directory)  # fmt: skip
    check(rounds, str(file))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as new:
            new.write(b"".join(map(encode, rounds)))
        Path(new.name).replace(path)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}; it stays as it was") from None
    return path, len(rounds)


def check(rounds: list[Round], where: str) -> None:
    """Raises FileError naming the first line that a gate could not be held against: one that was interrupted, that has
    no audit, or that comes twice.
    """
    seen = set()
    for each in rounds:
        told = f"{where}: round {each.round + 1} of {each.case_id}"
        if each.status == "interrupted":
            raise FileError(f"{told} was interrupted: run the same command again to finish it")
        if each.status == "invalid":
            raise FileError(f"{told} is invalid: {each.reason}; nothing can be held against it")
        if each.status == "ok" and (each.audit is None or not each.audit.passed):
            raise FileError(f"{told} has no audit that passed; measure it again")
        if (each.run, each.case_id, each.round) in seen:
            raise FileError(f"{told} comes twice; measure into a new file: --fresh")
        seen.add((each.run, each.case_id, each.round))


def _only(file: Path, what: str, values: set[str]) -> str:
    if len(values) != 1 or not all(values):
        told = ", ".join(sorted(values)) or "none"
        raise FileError(f"{file}: a baseline is of one {what}; this file has {told}")
    return values.pop()
