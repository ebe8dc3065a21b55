"""How far the jobs of a submission are: from the results files, the notes of the jobs, and the queue."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from embbench.cases.case import case_id
from embbench.cases.plan import Plan
from embbench.cases.shard import Shard
from embbench.errors import EXIT_BROKE, EXIT_NOTHING_MEASURED
from embbench.launch.order import Ledger, from_outside
from embbench.launch.queues import QueuePlace
from embbench.launch.shard_job import JobNote, RunExtent, journals_of, read_note, rounds_in
from embbench.launch.submission import SubmittedJob
from embbench.store.round import Round

WHOLE = (0, EXIT_BROKE, EXIT_NOTHING_MEASURED)  # exit codes of a run that did all it was asked to do
TAIL, LINES = 4096, 10  # bytes and lines at the end of a log in which its last line is looked for
FROM_SUBMITIT = b"submitit "  # begins the lines of its logger
FROM_SLURM = b"slurmstepd"  # begins the lines that say why SLURM ended a job


class ShardState(msgspec.Struct, frozen=True):
    """place: of its job in the queue; '' where it has ended, or was never submitted. done: rounds that are finished.
    total: rounds to do, 0 where time decides. complete: whether a run of the shard would measure nothing. node: where
    the rounds were measured, '' for no rounds or an unknown place. code: exit code of the job, None for a killed job.
    """

    shard: Shard
    done: int
    total: int
    complete: bool
    place: QueuePlace | str = ""
    node: str = ""
    code: int | None = None
    job: SubmittedJob | None = None

    @property
    def failed(self) -> bool:
        """Whether the job ended before its shard was complete."""
        return self.job is not None and not self.place and not self.complete


class Looker:
    """Looks at the shards of a submission again and again; reads only the results files that changed.

    parts: the plan of each shard, whose cases have 0 threads where the machine decides.
    """

    def __init__(self, folder: Path, parts: Sequence[Plan], extent: RunExtent) -> None:
        self._folder, self._parts, self._extent = folder, parts, extent
        self._known: dict[Path, tuple[tuple[int, int], list[Round]]] = {}

    def look(
        self, jobs: Mapping[str, SubmittedJob], places: Mapping[SubmittedJob, QueuePlace]
    ) -> tuple[ShardState, ...]:
        """jobs: shard number -> its latest job. places: of the jobs that have not ended. Raises FileError."""
        states = []
        for number, part in enumerate(self._parts, 1):
            job = jobs.get(str(number))
            states.append(self._state(Shard(number, len(self._parts)), part, job, places.get(job, "") if job else ""))
        return tuple(states)

    def journals(self) -> list[Path]:
        """The results files with rounds, in the order of the shards."""
        shards = (Shard(number, len(self._parts)) for number in range(1, len(self._parts) + 1))
        return [path for shard in shards for path in journals_of(self._folder, shard) if self._rounds(path)]

    def _state(self, shard: Shard, part: Plan, job: SubmittedJob | None, place: QueuePlace | str) -> ShardState:
        files = [as_planned(self._rounds(path), part) for path in journals_of(self._folder, shard)]
        rounds = max(files, key=finished, default=[])
        note = read_note(self._folder, shard)
        within, asked = part.protocol.within > 0, part.protocol.rounds
        return ShardState(
            shard=shard,
            done=finished(each for each in rounds if within or each.round < asked),
            total=0 if within else len(part.cases) * asked,
            complete=bool(rounds) and self._complete(part, rounds, note),
            place=place,
            node=note.node if note is not None and rounds else "",
            code=None if note is None else note.code,
            job=job,
        )

    def _complete(self, part: Plan, rounds: Sequence[Round], note: JobNote | None) -> bool:
        ledger = Ledger(part, rounds)
        left = ledger.left()
        if note is not None and note.code in WHOLE and note.extent == self._extent:
            return not any(from_outside(each) and left.get(each.case_id) for each in rounds)
        return part.protocol.within == 0 and not any(left.values())

    def _rounds(self, path: Path) -> list[Round]:
        if not path.exists():
            return []
        found = path.stat()
        mark = (found.st_size, found.st_mtime_ns)
        if path not in self._known or self._known[path][0] != mark:
            self._known[path] = mark, rounds_in(path)
        return self._known[path][1]


def as_planned(rounds: Iterable[Round], plan: Plan) -> list[Round]:
    """The rounds of the plan's cases, with the threads that the plan names: 0 where the machine decided."""
    cases = set(plan.cases)
    found = []
    for each in rounds:
        case = each.case if each.case in cases else msgspec.structs.replace(each.case, threads=0)
        if case in cases:
            found.append(msgspec.structs.replace(each, case=case, case_id=case_id(case)))
    return found


def finished(rounds: Iterable[Round]) -> int:
    """The number of rounds that a run leaves alone, each counted once."""
    return len({(each.case_id, each.round) for each in rounds if each.finished})


def last_line(log: Path) -> str:
    """The last line that the job wrote to stderr, or that says why SLURM ended it; '' for none, or where the file
    cannot be read.
    """
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL))
            lines = file.read().splitlines()
    except OSError:
        return ""
    told = [line for line in lines if line.strip() and not line.startswith(FROM_SUBMITIT)][-LINES:]
    told = [line for line in told if line.startswith(FROM_SLURM)] or told
    return told[-1].decode("utf-8", "replace") if told else ""
