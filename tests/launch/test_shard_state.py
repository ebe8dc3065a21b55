"""How far a shard is, from its results files, the note of its job, and the queue."""

import msgspec
import pytest

from embbench.cases.case import case_id
from embbench.cases.shard import Shard
from embbench.launch.queues import QueuePlace
from embbench.launch.shard_job import JobNote, RunExtent, save_note
from embbench.launch.shard_state import Looker, ShardState, as_planned, last_line
from embbench.launch.submission import SubmittedJob
from embbench.store.round import encode

JOB = SubmittedJob("slurm", "12_0", "log")
EXTENT = RunExtent(0.0, 2, 600.0, False)
LONGER = RunExtent(0.0, 3, 600.0, False)
WITHIN = RunExtent(240.0, 2, 600.0, False)


@pytest.fixture
def part(plan):
    """Two cases, of two rounds each, whose threads the machine decides."""
    made = plan(rounds=2, axes={"vocab": [1000, 2000]})
    cases = tuple(msgspec.structs.replace(case, threads=0) for case in made.cases)
    return msgspec.structs.replace(made, cases=cases)


@pytest.fixture
def shard(tmp_path, part, make_round):
    """Writes finished rounds of the shard, and looks at it."""

    def look(*rounds: tuple[int, int], note: JobNote | None = None, place: QueuePlace | str = "", name: str = "1-of-1",
             plan=part, extent: RunExtent = EXTENT, status: str = "ok", **fields) -> ShardState:  # fmt: skip
        cases = {case.vocab: msgspec.structs.replace(case, threads=64) for case in part.cases}
        lines = [make_round(cases[vocab], round=number, status=status, **fields) for vocab, number in rounds]
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(map(encode, lines)))
        if note is not None:
            save_note(tmp_path, Shard(1, 1), note)
        places = {JOB: place} if place else {}
        (state,) = Looker(tmp_path, [plan], extent).look({"1": JOB}, places)
        return state

    return look


ALL = ((1000, 0), (2000, 0), (1000, 1), (2000, 1))


def test_rounds_of_a_node_count_whatever_its_number_of_cpus(part, make_round):
    case = part.cases[0]
    (found,) = as_planned([make_round(msgspec.structs.replace(case, threads=64))], part)
    assert (found.case, found.case_id) == (case, case_id(case))
    assert as_planned([make_round(msgspec.structs.replace(case, vocab=3000))], part) == []


def test_a_job_counts_its_rounds_until_it_ends(shard):
    assert (shard().done, shard().total, shard().complete) == (0, 4, False)
    running = shard(*ALL[:3], (1000, 0), place="running", note=JobNote(EXTENT, "node7"))
    assert (running.done, running.complete, running.failed, running.place) == (3, False, False, "running")
    assert (running.node, running.code) == ("node7", None)


def test_all_rounds_are_complete_without_a_note_and_with_more_rounds_asked_they_are_not(shard, part):
    assert shard(*ALL).complete
    more = msgspec.structs.replace(part, protocol=msgspec.structs.replace(part.protocol, rounds=3))
    state = shard(*ALL, plan=more, extent=LONGER, note=JobNote(EXTENT, code=0))
    assert (state.done, state.total, state.complete, state.failed) == (4, 6, False, True)
    fewer = msgspec.structs.replace(part, protocol=msgspec.structs.replace(part.protocol, rounds=1))
    assert (shard(*ALL, plan=fewer).done, shard(*ALL, plan=fewer).total) == (2, 2)


@pytest.mark.parametrize(
    ("code", "complete"), [(0, True), (4, True), (5, True), (2, False), (130, False), (None, False)]
)
def test_an_exit_code_says_whether_a_run_had_more_to_do(shard, code, complete):
    """Case 2000 was skipped, for example: its rounds will never be there."""
    state = shard((1000, 0), (1000, 1), note=JobNote(EXTENT, code=code))
    assert (state.complete, state.failed) == (complete, not complete)


def test_a_time_limit_has_no_total_and_only_a_note_ends_it(shard, part):
    paced = msgspec.structs.replace(part, protocol=msgspec.structs.replace(part.protocol, within=240.0))
    state = shard(*ALL, plan=paced, extent=WITHIN)
    assert (state.done, state.total, state.complete) == (4, 0, False)
    assert shard(*ALL, plan=paced, extent=WITHIN, note=JobNote(WITHIN, code=0)).complete


def test_a_round_that_a_kill_from_outside_ended_is_measured_again(shard):
    state = shard(*ALL, note=JobNote(EXTENT, code=4), status="crash", reason="killed", conditions={"signal": "SIGKILL"})
    assert not state.complete


def test_results_that_were_deleted_are_not_complete(shard):
    assert not shard(note=JobNote(EXTENT, "node7", 0)).complete
    assert shard(note=JobNote(EXTENT, "node7", 0)).node == "", "no rounds tie the part to a node"


def test_a_part_that_began_anew_elsewhere_counts_its_fullest_file(shard):
    shard(*ALL[:1])
    assert shard(*ALL, name="1-of-1-2").done == 4


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("", ""),
        ("embbench: no such suite\n\nsubmitit WARNING (2026) - Bypassing signal SIGCONT\n", "embbench: no such suite"),
        (
            "slurmstepd-n7: error: *** STEP 7.0 ON n7 CANCELLED AT 2026 DUE TO TIME LIMIT ***\nsrun: forcing\n",
            "slurmstepd-n7: error: *** STEP 7.0 ON n7 CANCELLED AT 2026 DUE TO TIME LIMIT ***",
        ),
        ("x" * 10_000 + "\nshort", "short"),
    ],
)
def test_the_last_line_of_a_log_says_why(tmp_path, log, line):
    assert last_line(tmp_path / "none") == ""
    (tmp_path / "log").write_text(log)
    assert last_line(tmp_path / "log") == line
