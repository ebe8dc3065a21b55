"""The progress of submitted jobs, in a log and on a terminal; and which jobs are submitted together."""

import io

import msgspec
import pytest

from embbench.cases.shard import Shard
from embbench.cli.submit_progress import SubmissionProgress, summary
from embbench.cli.submitted import groups_of
from embbench.launch.shard_state import ShardState
from embbench.launch.submission import SubmittedJob


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "12_1_0_log.err"
    path.write_text("embbench: the disk is full\n")
    return path


def job(number, log):
    return SubmittedJob("slurm", f"12_{number}", str(log))


def states(log, *places, done=1, code=None):
    return [
        ShardState(
            Shard(number, len(places)), done, 4, False, place, "", code, SubmittedJob("slurm", f"12_{number}", str(log))
        )
        for number, place in enumerate(places, 1)
    ]


def test_places_and_rounds_are_counted(log):
    assert summary(states(log, "queued", "running", "running", "")) == (
        "jobs: 1 queued, 2 running, 1 ended · 4 of 16 rounds"
    )
    paced = [msgspec.structs.replace(each, total=0) for each in states(log, "queued", "queued")]
    assert summary(paced) == "jobs: 2 queued · 2 rounds"


def test_a_log_gets_a_line_per_change_and_each_failure_once(log):
    stream = io.StringIO()
    with SubmissionProgress(stream) as progress:
        for seen in (("queued", "running"), ("queued", "running"), ("", "running"), ("", "running")):
            progress.show(states(log, *seen, code=2))
    assert stream.getvalue().splitlines() == [
        "jobs: 1 queued, 1 running · 2 of 8 rounds",
        f"job 12_1 of part 1/2 ended early, with exit code 2: embbench: the disk is full; log: {log}",
        "jobs: 1 running, 1 ended · 2 of 8 rounds",
    ]


def test_a_job_without_an_exit_code_is_told_when_its_files_had_time_to_come(log):
    stream = io.StringIO()
    with SubmissionProgress(stream) as progress:
        progress.show(states(log, ""))
        assert "ended early" not in stream.getvalue()
        progress.show(states(log, ""), final=True)
    assert stream.getvalue().splitlines()[-1] == (
        f"job 12_1 of part 1/1 ended early: embbench: the disk is full; log: {log}"
    )


def test_a_terminal_keeps_a_single_line_and_the_failures(log, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with SubmissionProgress(stream) as progress:
        progress.show(states(log, "running", "running"))
        progress.show(states(log, "", "running", code=2))
    told = stream.getvalue()
    assert "jobs: 2 running" in told
    assert told.count("job 12_1 of part 1/2 ended early") == 1
    assert "\n" not in told.partition("jobs: 2 running")[0].replace("\r\n", "")


def test_parts_with_rounds_go_to_the_node_that_measured_them_unless_the_user_says_otherwise(log):
    first, second, third = states(log, "", "", "")
    here = msgspec.structs.replace(second, node="node7")
    assert groups_of([first, here, third], anywhere=False) == [([first, third], ""), ([here], "node7")]
    assert groups_of([first, here, third], anywhere=True) == [([first, here, third], "")]
