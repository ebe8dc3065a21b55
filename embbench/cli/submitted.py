"""The jobs of a submission: submits those that are missing, and waits for them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from embbench.cases.plan import Plan
from embbench.cli.output import say
from embbench.cli.submit_progress import SubmissionProgress
from embbench.errors import UsageError
from embbench.launch.interrupts import Interrupts
from embbench.launch.queues import QUEUES, Options, QueuePlace, places_of
from embbench.launch.shard_job import RunExtent, ShardJob
from embbench.launch.shard_state import Looker, ShardState
from embbench.launch.submission import (
    QueueName,
    SubmittedJob,
    choose_folder,
    locked,
    open_submission,
    save_submission,
)
from embbench.plain import shell_line

EVERY = 10.0  # seconds between two looks: seldom, since many users of a cluster ask its queue


class Submitting:
    """parts: the plan of each job. words: of `embbench run` in each. out: the folder, None for a dated one. command: of
    the user. Raises FileError for a folder of another plan.
    """

    def __init__(self, parts: Sequence[Plan], words: Sequence[str], force: bool, out: str | None, command: str) -> None:
        today = f"{datetime.now().astimezone():%Y-%m-%d}"
        self.folder = choose_folder(parts, Path(out) if out else None, today)
        protocol = parts[0].protocol
        self._extent = RunExtent(protocol.within, protocol.rounds, protocol.timeout, force)
        self._parts, self._words, self._command = parts, words, command
        self._submission = open_submission(self.folder, parts, command)
        self._looker = Looker(self.folder, parts, self._extent)
        self._places: Mapping[SubmittedJob, QueuePlace] = {}
        self._silent = False

    def submit(self, on: QueueName, options: Options) -> None:
        """Submits the parts that are not complete and have no job. Raises FileError, UsageError."""
        if _missing(self.look()):
            QUEUES[on].check(options)  # before a folder is made
        with locked(self.folder):
            self._submission = open_submission(self.folder, self._parts, self._command)
            states = self.look()
            if self._silent:
                raise UsageError("squeue does not answer, so the jobs that wait are unknown; repeat the command later")
            missing = _missing(states)
            if not missing:
                return
            for group, node in groups_of(missing, "nodelist" in options or on == "local"):
                self._submit(on, group, {**options, **({"nodelist": node} if node else {})})
        say(f"submitted {len(missing)} of {len(states)} jobs; results: {self.folder}")

    def wait(self, interrupts: Interrupts) -> None:
        """Returns when all jobs have ended, or at a signal."""
        with SubmissionProgress() as progress:
            told = settled = False
            while not interrupts:
                states = self.look()
                if self._silent and not told:
                    progress.note("squeue does not answer now; the last known state stays")
                told = self._silent
                progress.show(states, final=settled)
                if not any(state.place for state in states):
                    if settled or not any(state.failed for state in states):
                        return
                    settled = True  # on a shared disk, the end of a job may be seen before its last files
                interrupts.wait(EVERY)

    def look(self) -> tuple[ShardState, ...]:
        """The state of each part now. Where the queue does not answer, jobs are where they were."""
        jobs = self._submission.jobs
        places = places_of(jobs.values())
        self._silent = places is None
        if places is not None:
            self._places = places
        return self._looker.look(jobs, self._places)

    def journals(self) -> list[Path]:
        """The results files with rounds."""
        return self._looker.journals()

    def cancel_with(self) -> str:
        """The commands that cancel all jobs that have not ended; '' for none."""
        alive = [state.job for state in self.look() if state.place and state.job is not None]
        commands = [(queue, [job for job in alive if job.queue == name]) for name, queue in QUEUES.items()]
        return "; ".join(shell_line(queue.cancel(mine)) for queue, mine in commands if mine)

    def ended_early(self) -> str:
        """'2 of 8 jobs ended before their part was measured'; '' for none."""
        states = self.look()
        failed = sum(state.failed for state in states)
        return f"{failed} of {len(states)} jobs ended before their part was measured" if failed else ""

    def _submit(self, on: QueueName, states: Sequence[ShardState], options: Options) -> None:
        queue = QUEUES[on]
        environment = queue.environment()
        folder = self.folder.absolute()  # of a job, which may have another current directory
        jobs = [ShardJob(state.shard, folder, self._words, self._extent, environment) for state in states]
        made = queue.submit(folder, jobs, {name: text for name, text in options.items() if text != ""})
        numbers = (state.shard.number for state in states)
        self._submission = self._submission.with_jobs(dict(zip(numbers, made, strict=True)))
        save_submission(self.folder, self._submission)


def _missing(states: Iterable[ShardState]) -> list[ShardState]:
    return [state for state in states if not state.complete and not state.place]


def groups_of(states: Iterable[ShardState], anywhere: bool) -> list[tuple[list[ShardState], str]]:
    """States to submit together, with the node on which they must run, '' for any. A part that has rounds goes on where
    these were measured, unless the user chose the nodes; an array has the same nodes for all of its jobs.
    """
    groups: dict[str, list[ShardState]] = {}
    for state in states:
        groups.setdefault("" if anywhere else state.node, []).append(state)
    return [(group, node) for node, group in groups.items()]
