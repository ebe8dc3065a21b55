"""A submission: a plan cut into shards, a job for each, and a folder that remembers them."""

import contextlib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import filelock
import msgspec

from embbench import wire
from embbench.cases.plan import Plan
from embbench.errors import FileError
from embbench.launch.resume import DIRECTORY
from embbench.plain import one_line
from embbench.store.replacing import replace_file

FILE = "submission.json"
QueueName = Literal["slurm", "local"]


class SubmittedJob(msgspec.Struct, frozen=True):
    """id: in its queue; of an array '12_3', on this machine the process. born: start of that process, in seconds since
    1970; 0 in SLURM. log: the file of its stderr.
    """

    queue: QueueName
    id: str
    log: str
    born: float = 0.0


class Submission(msgspec.Struct, frozen=True):
    """plan: see `plan_of`. command: the first that was given for the folder. jobs: shard number -> its latest job."""

    plan: str
    command: str
    parts: int
    jobs: dict[str, SubmittedJob] = {}

    def with_jobs(self, jobs: Mapping[int, SubmittedJob]) -> "Submission":
        """The submission with newer jobs of some shards."""
        return msgspec.structs.replace(self, jobs={**self.jobs, **{str(number): job for number, job in jobs.items()}})


def plan_of(parts: Sequence[Plan]) -> str:
    """Short hash of the cases of each part and of the settings that affect their numbers. More rounds or a longer time
    are the same plan, as in `Plan.plan_id`.
    """
    return hashlib.sha256(wire.encode([part.plan_id for part in parts])).hexdigest()[:8]


def choose_folder(parts: Sequence[Plan], out: Path | None, day: str, directory: Path = DIRECTORY) -> Path:
    """The folder of a submission: `out`, or the newest folder of the same plan, or a new folder
    `<day>-<suite>-<plan>-<parts>-jobs`. day: ISO 8601. Raises FileError.
    """
    if out is not None:
        return out
    name = f"{parts[0].suite}-{plan_of(parts)}-{len(parts)}-jobs"
    pattern = re.compile(rf"\d{{4}}-\d\d-\d\d-{re.escape(name)}")
    try:
        found = [path for path in directory.iterdir() if pattern.fullmatch(path.name)] if directory.exists() else []
    except OSError as error:
        raise FileError(f"{directory}: cannot be read: {error.strerror}; name a folder: --out FOLDER") from None
    return max(found, default=directory / f"{day}-{name}")


def open_submission(folder: Path, parts: Sequence[Plan], command: str) -> Submission:
    """What the folder remembers, or a new submission. Raises FileError for a folder of another plan or of other files,
    and for a path that is no folder.
    """
    plan = plan_of(parts)
    known = _read(folder)
    if known is None:
        return Submission(plan, command, len(parts))
    if (known.plan, known.parts) != (plan, len(parts)):
        raise FileError(
            f"{folder}: holds the jobs of another plan or number of jobs: {one_line(known.command)}; repeat that "
            "command, or name another folder: --out FOLDER"
        )
    return known


def save_submission(folder: Path, submission: Submission) -> None:
    """Raises FileError where the folder cannot be written."""
    try:
        replace_file(folder / FILE, wire.encode(submission))
    except OSError as error:
        raise _unwritable(folder, error) from None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps two commands from submitting the same shards; the folder is made. Raises FileError."""
    lock = filelock.FileLock(folder / "submission.lock", blocking=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise FileError(f"{folder}: another embbench submits its jobs now; repeat the command later") from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield
    finally:
        lock.release()


def _read(folder: Path) -> Submission | None:
    path = folder / FILE
    try:
        return wire.decode(path.read_bytes(), msgspec.json.Decoder(Submission))
    except FileNotFoundError:
        if folder.is_dir() and any(folder.glob("*.jsonl")):
            raise FileError(f"{folder}: holds results of other commands; name a new folder: --out FOLDER") from None
        return None
    except OSError as error:
        raise _unwritable(folder, error) from None
    except msgspec.DecodeError as error:
        raise FileError(f"{path}: was not written by embbench submit: {error}; name another folder") from None


def _unwritable(folder: Path, error: OSError) -> FileError:
    return FileError(f"{folder}: {error.strerror}; name another folder: --out FOLDER")
