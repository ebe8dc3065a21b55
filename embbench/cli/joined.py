"""`embbench run` in each process of a job that torchrun, SLURM or MPI has started."""

import contextlib
from typing import TYPE_CHECKING

from embbench.cli.flags import Flags

if TYPE_CHECKING:
    from embbench.launch.executor import Executor
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.job import JoinedJob
    from embbench.launch.origin import Origin


def leads(flags: Flags) -> "tuple[JoinedJob | None, Flags]":
    """The job around this process, None without, and the flags with the ranks of the job where the user names none."""
    from embbench.launch.job import job_around

    job = job_around()
    if job is None or flags["ranks"]:
        return job, flags
    return job, {**flags, "ranks": [str(job.ranks)]}


def follow(job: "JoinedJob") -> int:
    """Does the rounds that the first process of the job names. The exit code."""
    from embbench.cli.output import say
    from embbench.errors import EXIT_INTERRUPTED
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.joined import follow_job

    with Interrupts() as interrupts:
        say(f"rank {job.number} of {job.ranks}: rank 0, at {job.address}, has the plan and the results")
        follow_job(job, interrupts)
        return EXIT_INTERRUPTED if interrupts else 0


def executor_of(
    job: "JoinedJob | None", origin: "Origin", interrupts: "Interrupts"
) -> "contextlib.AbstractContextManager[Executor]":
    """What does the rounds of a run. job: of `leads`."""
    from embbench.cli.output import say
    from embbench.launch import executor
    from embbench.launch.joined import PATIENCE, LeadExecutor

    if job is None:
        return contextlib.nullcontext(executor.ProcessExecutor(origin, interrupts, executor.WORKER))
    say(f"rank 0 of {job.ranks}: waits up to {PATIENCE:.0f} s for the others, at {job.address}:{job.port}")
    return LeadExecutor(job, origin, interrupts)
