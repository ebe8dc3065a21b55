"""Where jobs of shards wait and run: SLURM, or this machine. submitit writes the scripts and starts the processes.

Whether a job is queued or running is asked of `squeue`, also on a cluster whose accounting is off. submitit's own watch
was rejected: it asks `sacct`, which then knows no job, so that it waits for a killed job for ever.
"""

import atexit
import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import psutil

from embbench.errors import UsageError
from embbench.launch.shard_job import JOBS, ShardJob
from embbench.launch.submission import QueueName, SubmittedJob
from embbench.plain import one_line

QueuePlace = Literal["queued", "running"]
WAITING = {"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT", "CONFIGURING"}
NOTICE = 30  # seconds before a time limit at which a job is told to end its round; SLURM takes up to 60 more
OURS = (
    *("array", "cpu_bind", "error", "exclusive", "input", "nodes", "ntasks", "ntasks_per_node", "open_mode", "output"),
    *("signal", "wrap"),
)
EVER = 60 * 24 * 365  # minutes
Options = Mapping[str, str | bool]


class Queue(Protocol):
    """A place to submit jobs to."""

    def check(self, options: Options) -> None:
        """Raises UsageError where jobs cannot be submitted, or not with these options."""
        ...

    def submit(self, folder: Path, jobs: Sequence[ShardJob], options: Options) -> list[SubmittedJob]:
        """Submits jobs, several as an array, in their order. Raises UsageError with the reason of the queue."""
        ...

    def places(self, jobs: Iterable[SubmittedJob]) -> dict[str, QueuePlace] | None:
        """Id -> place, for jobs that have not ended; None where the queue does not answer now."""
        ...

    def cancel(self, jobs: Iterable[SubmittedJob]) -> list[str]:
        """The command that ends the jobs."""
        ...

    def environment(self) -> dict[str, str | None]:
        """See `ShardJob`."""
        ...


def parse_options(texts: Iterable[str]) -> dict[str, str | bool]:
    """['partition=gpu', 'gres=gpu:1'] -> sbatch's options by name, with '_' for '-'. Raises UsageError."""
    options: dict[str, str | bool] = {}
    for text in texts:
        name, sign, value = text.strip().lstrip("-").partition("=")
        name = name.strip().replace("-", "_")
        if not name.isidentifier():
            raise UsageError(f"--option: {one_line(text)!r} is no option of sbatch; write for example partition=gpu")
        if name in OURS:
            raise UsageError(f"--option: {one_line(text)}: embbench sets {name.replace('_', '-')}; leave it out")
        options[name] = value if sign else True
    return options


class SlurmQueue:
    """Exclusive jobs of one node and one task: nothing else may run on a machine that measures."""

    def check(self, options: Options) -> None:
        _submitit()
        if missing := [name for name in ("sbatch", "srun", "squeue") if shutil.which(name) is None]:
            raise UsageError(
                f"--on slurm: there is no {missing[0]} here; submit from a machine of the cluster, or try the jobs on "
                "this machine with --on local"
            )

    def submit(self, folder: Path, jobs: Sequence[ShardJob], options: Options) -> list[SubmittedJob]:
        submitit = _submitit()
        executor = submitit.SlurmExecutor(folder / JOBS)
        executor.update_parameters(
            job_name="embbench", nodes=1, ntasks_per_node=1, exclusive=True, signal_delay_s=NOTICE, wckey=None,
            time=None,  # submitit's default is 5 minutes; without a line, the time limit is the partition's
            srun_args=["--cpu-bind=none"],  # a task may be bound to a single core otherwise
            additional_parameters={**_memory(options), "requeue": True, **options},
        )  # fmt: skip
        said = io.StringIO()  # submitit repeats what sbatch says
        before = set(_unsubmitted(folder))
        try:
            with contextlib.redirect_stderr(said):
                made = executor.submit_array(jobs)
        except submitit.core.utils.FailedJobError as error:
            for path in set(_unsubmitted(folder)) - before:
                path.unlink(missing_ok=True)
            raise UsageError(f"--on slurm: {one_line(str(error)) or 'sbatch failed'}") from None
        return [SubmittedJob("slurm", job.job_id, str(job.paths.stderr)) for job in made]

    def places(self, jobs: Iterable[SubmittedJob]) -> dict[str, QueuePlace] | None:
        command = ["squeue", "--noheader", "--array", f"--user={os.getuid()}", "--format=%i %T"]
        own = {name: text for name, text in os.environ.items() if not name.startswith("SQUEUE_")}  # could hide jobs
        try:
            told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=own).stdout
        except (OSError, subprocess.SubprocessError):
            return None
        known = {name: state for name, _, state in (line.strip().partition(" ") for line in told.splitlines())}
        mine = {job.id: known[job.id] for job in jobs if job.id in known}
        return {name: "queued" if state in WAITING else "running" for name, state in mine.items()}

    def cancel(self, jobs: Iterable[SubmittedJob]) -> list[str]:
        return ["scancel", *dict.fromkeys(job.id.partition("_")[0] for job in jobs)]

    def environment(self) -> dict[str, str | None]:
        return {}


class LocalQueue:
    """Processes of this machine, which measure one after the other: each waits for the lock of the machine."""

    def __init__(self) -> None:
        self._made: list[Any] = []  # jobs that are children of this process
        atexit.register(self._made.clear)  # submitit's jobs fail to end with the interpreter

    def check(self, options: Options) -> None:
        _submitit()
        if options:
            raise UsageError("--option: jobs of this machine have no options; leave it out, or submit with --on slurm")

    def submit(self, folder: Path, jobs: Sequence[ShardJob], options: Options) -> list[SubmittedJob]:
        executor = _submitit().LocalExecutor(folder / JOBS)
        executor.update_parameters(timeout_min=EVER)
        with _left_alone():
            made = executor.submit_array(jobs)
        self._made += made
        return [SubmittedJob("local", job.job_id, str(job.paths.stderr), _born(int(job.job_id))) for job in made]

    def places(self, jobs: Iterable[SubmittedJob]) -> dict[str, QueuePlace] | None:
        self._made[:] = [job for job in self._made if not job.done()]  # the system forgets a child that has ended
        return {job.id: "running" for job in jobs if job.born and _born(int(job.id)) == job.born}

    def cancel(self, jobs: Iterable[SubmittedJob]) -> list[str]:
        return ["kill", *(job.id for job in jobs)]

    def environment(self) -> dict[str, str | None]:
        """submitit hides the GPUs from jobs of this machine."""
        return {"CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES")}


QUEUES: dict[QueueName, Queue] = {"slurm": SlurmQueue(), "local": LocalQueue()}


def places_of(jobs: Iterable[SubmittedJob]) -> dict[SubmittedJob, QueuePlace] | None:
    """The places of the jobs that have not ended, whatever their queue; None where a queue does not answer."""
    found: dict[SubmittedJob, QueuePlace] = {}
    known = list(jobs)
    for name, queue in QUEUES.items():
        if mine := [job for job in known if job.queue == name]:
            places = queue.places(mine)
            if places is None:
                return None
            found |= {job: places[job.id] for job in mine if job.id in places}
    return found


def _unsubmitted(folder: Path) -> list[Path]:
    """submitit's files of jobs without a number yet; the files of running jobs begin with their numbers."""
    found = (folder / JOBS).glob("*")
    return [path for path in found if re.fullmatch(r"[0-9a-f]{32}\.pkl|\.submission_file_[0-9a-f]{32}\.sh", path.name)]


def _submitit() -> Any:
    try:
        import submitit
    except ImportError:
        raise UsageError("submitit is not installed: pip install 'embbench[slurm]'") from None
    return submitit


def _memory(options: Options) -> dict[str, str]:
    """All memory of the node, which an exclusive job does not get by itself; nothing where the user asks for some."""
    return {} if {"mem", "mem_per_cpu", "mem_per_gpu"} & options.keys() else {"mem": "0"}


@contextlib.contextmanager
def _left_alone() -> Iterator[None]:
    """Processes that are started meanwhile ignore Ctrl-C and the end of the terminal, which end the waiting only. They
    do not hold the streams of this process open, on whose end a pipe waits.
    """
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    nothing, streams = os.open(os.devnull, os.O_RDWR), {}
    for number in range(3):
        with contextlib.suppress(OSError):  # closed by the caller
            streams[number] = os.dup(number)
    try:
        for number in streams:
            os.dup2(nothing, number)
        yield
    finally:
        for number, stream in streams.items():
            os.dup2(stream, number)
        for file in (*streams.values(), nothing):
            os.close(file)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _born(process: int) -> float:
    """The start of a process, in seconds since 1970; 0 where it has ended."""
    try:
        found = psutil.Process(process)
        return 0.0 if found.status() == psutil.STATUS_ZOMBIE else found.create_time()
    except psutil.NoSuchProcess:
        return 0.0
