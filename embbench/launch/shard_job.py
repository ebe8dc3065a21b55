"""The job of a shard, on the machine that measures it: `embbench run` as a process, and a note of how it ended.

A job that is started again, by a queue or by the user, continues the results file of its shard. On another machine it
begins a new file: cases that are compared, and all rounds of a case, stay on one machine.
"""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

import msgspec

from embbench import wire
from embbench.cases.shard import Shard
from embbench.errors import FileError
from embbench.host.machine import machine_facts
from embbench.launch.origin import was_started
from embbench.store.journal import read_rounds
from embbench.store.machine import difference
from embbench.store.replacing import replace_file
from embbench.store.round import Round

EMBBENCH = (sys.executable, "-P", "-c", "import sys; from embbench.cli import main; sys.exit(main(sys.argv[1:]))")
JOBS = "jobs"  # the folder of notes, logs and scripts, inside the folder of a submission
WARNING = signal.SIGUSR2  # from the queue, a minute or two before a time limit; submitit's default too
WARNED = "embbench: the queue warned this job of its end: its time was nearly over, or another job comes first"


class RunExtent(msgspec.Struct, frozen=True):
    """What decides how many rounds a run makes, and may differ between two commands of one plan."""

    within: float
    rounds: int
    timeout: float
    force: bool


class JobNote(msgspec.Struct, frozen=True):
    """What a job leaves beside its results. node: where it ran, '' where the queue does not say. code: the exit code of
    `embbench run`; None until then, so that a killed job has none.
    """

    extent: RunExtent
    node: str = ""
    code: int | None = None


class ShardJob:
    """Runs a shard; what submitit takes to the machine that measures.

    folder: of the submission. words: of `embbench run`, without --shard and --out. environment: variables of the
    submitting process that the job must have, None for unset.
    """

    def __init__(
        self,
        shard: Shard,
        folder: Path,
        words: Sequence[str],
        extent: RunExtent,
        environment: Mapping[str, str | None] | None = None,
    ) -> None:
        self.shard, self.folder, self.words, self.extent = shard, folder, tuple(words), extent
        self.environment = environment or {}
        self.program = EMBBENCH  # of the submitting process: its interpreter
        self._child: subprocess.Popen[bytes] | None = None
        self._signal = 0

    def __call__(self) -> int:
        """The exit code of `embbench run`. Does not return where the job starts again later."""
        node = os.environ.get("SLURMD_NODENAME", "")
        path = journal_here(self.folder, self.shard)
        before = _finished(path)
        save_note(self.folder, self.shard, JobNote(self.extent, node))
        for number in (signal.SIGTERM, WARNING):
            signal.signal(number, self._stop)
        code = self._run(path)
        if self._signal == WARNING:  # the log of the job, whose last line is shown to the user
            sys.stderr.write(f"{WARNED}\n")
        if self._signal == WARNING and _finished(path) > before and _requeued():
            sys.exit(code)  # the queue ends this job and starts it again; without a note it does not count as ended
        save_note(self.folder, self.shard, JobNote(self.extent, node, code))
        return code

    def _run(self, path: Path) -> int:
        command = [*self.program, *self.words, f"--shard={self.shard.number}/{self.shard.parts}", f"--out={path}"]
        variables = {**os.environ, **{name: text for name, text in self.environment.items() if text is not None}}
        for name in (name for name, text in self.environment.items() if text is None):
            variables.pop(name, None)
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=variables, preexec_fn=_deaf_to_warning)
        if self._signal:
            self._child.terminate()
        return self._child.wait()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Ends the run as Ctrl-C does: its worker ends, and every finished round is kept."""
        self._signal = number
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()


def stem_of(shard: Shard) -> str:
    """'3-of-8': how the files of a shard are named."""
    return f"{shard.number}-of-{shard.parts}"


def journals_of(folder: Path, shard: Shard) -> list[Path]:
    """The results files of a shard, one for each machine that measured it."""
    stem = stem_of(shard)
    return [path for pattern in (f"{stem}.jsonl", f"{stem}-*.jsonl") for path in sorted(folder.glob(pattern))]


def journal_here(folder: Path, shard: Shard) -> Path:
    """The results file for this machine: the first without rounds of another machine. Raises FileError."""
    here = machine_facts()
    for number in itertools.count(1):
        path = folder / (f"{stem_of(shard)}-{number}.jsonl" if number > 1 else f"{stem_of(shard)}.jsonl")
        if all(difference(each.machine, here) is None for each in rounds_in(path) if was_started(each)):
            return path
    raise AssertionError("unreachable")


def rounds_in(path: Path) -> list[Round]:
    """The rounds of a results file that may not exist yet. Raises FileError for a damaged file."""
    return read_rounds([path])[0] if path.exists() and path.stat().st_size else []


def save_note(folder: Path, shard: Shard, note: JobNote) -> None:
    path = _note_path(folder, shard)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, wire.encode(note))


def read_note(folder: Path, shard: Shard) -> JobNote | None:
    """None where no job began. Raises FileError for a file that embbench did not write."""
    path = _note_path(folder, shard)
    try:
        return wire.decode(path.read_bytes(), msgspec.json.Decoder(JobNote))
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise FileError(f"{path}: no note of embbench submit: {error}; delete the file") from None


def _note_path(folder: Path, shard: Shard) -> Path:
    return folder / JOBS / f"{stem_of(shard)}.json"


def _finished(path: Path) -> int:
    return sum(each.finished and was_started(each) for each in rounds_in(path))


def _deaf_to_warning() -> None:
    """The queue warns all processes of a job, and a process that does not know the signal would die of it."""
    signal.signal(WARNING, signal.SIG_IGN)


def _requeued() -> bool:
    """Asks the queue to start this job again. submitit's own way was rejected: it counts against a time limit in
    minutes, which embbench does not know where the queue has a default.
    """
    if not (job := os.environ.get("SLURM_JOB_ID")):
        return False
    return subprocess.run(["scontrol", "requeue", job], check=False, timeout=60).returncode == 0
