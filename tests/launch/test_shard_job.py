"""The job of a shard: its results file, its note, and what a warning of the queue does."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from embbench.cases.shard import Shard
from embbench.errors import FileError
from embbench.host.machine import machine_facts
from embbench.launch.shard_job import (
    WARNED,
    JobNote,
    RunExtent,
    ShardJob,
    journal_here,
    journals_of,
    read_note,
    save_note,
)
from embbench.store.round import encode
from tests.made_up import case, measured

PART = Shard(3, 8)
EXTENT = RunExtent(0.0, 2, 600.0, False)
HERE = machine_facts()
ELSEWHERE = {**HERE, "id": "0123abcd", "boot": "0123abcd"}
# Stands in for `embbench run`: adds a finished round where it is told to, and waits for the end.
WAITING = """
import os, signal, sys
from pathlib import Path
(out,) = (word.partition("=")[2] for word in sys.argv if word.startswith("--out="))
line = Path(sys.argv[1])
if line.exists():
    with open(out, "ab") as file:
        file.write(line.read_bytes())
signal.signal(signal.SIGTERM, lambda *_: os._exit(130))
Path(sys.argv[2]).write_text("here")
while True:
    signal.pause()
"""
TELLING = """
import os, sys
with open(sys.argv[-1].removeprefix("--out="), "w") as file:
    print(*sys.argv[1:], os.getenv("GONE"), os.getenv("GIVEN"), file=file)
sys.exit(5)
"""
JOB = """
import sys
from pathlib import Path
from embbench.cases.shard import Shard
from embbench.launch.shard_job import RunExtent, ShardJob
job = ShardJob(Shard(3, 8), Path(sys.argv[1]), sys.argv[3:], RunExtent(0.0, 2, 600.0, False))
job.program = (sys.executable, "-c", sys.argv[2])
sys.exit(job())
"""


def write(path: Path, **fields) -> None:
    path.write_bytes(b"".join(map(encode, measured(case(), [0.1], **fields))))


def test_the_first_file_is_for_the_first_machine_and_each_other_machine_gets_its_own(tmp_path):
    first = tmp_path / "3-of-8.jsonl"
    assert journal_here(tmp_path, PART) == first
    first.touch()
    assert journal_here(tmp_path, PART) == first
    write(first, machine=HERE)
    assert journal_here(tmp_path, PART) == first
    write(first, machine=ELSEWHERE)
    second = tmp_path / "3-of-8-2.jsonl"
    assert journal_here(tmp_path, PART) == second
    write(second, machine=HERE)
    (tmp_path / "13-of-8.jsonl").touch()
    assert (journal_here(tmp_path, PART), journals_of(tmp_path, PART)) == (second, [first, second])


def test_rounds_that_never_started_hold_no_machine(tmp_path):
    write(tmp_path / "3-of-8.jsonl", machine=ELSEWHERE, conditions={"phase": "before start"})
    assert journal_here(tmp_path, PART).name == "3-of-8.jsonl"


def test_a_note_comes_back_and_a_damaged_note_is_named(tmp_path):
    assert read_note(tmp_path, PART) is None
    note = JobNote(EXTENT, "node7", 4)
    save_note(tmp_path, PART, note)
    assert read_note(tmp_path, PART) == note
    (tmp_path / "jobs" / "3-of-8.json").write_text("{")
    with pytest.raises(FileError, match=r"3-of-8.json: no note of embbench submit"):
        read_note(tmp_path, PART)


def test_the_run_gets_its_part_its_file_and_its_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("GONE", "1")
    monkeypatch.setenv("SLURMD_NODENAME", "node7")
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR2)}
    job = ShardJob(PART, tmp_path, ["run", "--vocab=1k"], EXTENT, {"GONE": None, "GIVEN": "2"})
    job.program = (sys.executable, "-c", TELLING)
    try:
        assert job() == 5
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    path = tmp_path / "3-of-8.jsonl"
    assert path.read_text() == f"run --vocab=1k --shard=3/8 --out={path} None 2\n"
    assert read_note(tmp_path, PART) == JobNote(EXTENT, "node7", 5)


@pytest.mark.parametrize(
    ("number", "progress", "requeued"),
    [(signal.SIGUSR2, True, True), (signal.SIGUSR2, False, False), (signal.SIGTERM, True, False)],
)
def test_a_job_is_queued_again_at_a_warning_if_it_finished_a_round(tmp_path, number, progress, requeued):
    """Without a finished round, the same would happen again for ever. SIGTERM is the user's scancel."""
    line, asked = tmp_path / "line", tmp_path / "asked"
    if progress:
        write(line, machine=HERE)
    scontrol = tmp_path / "bin" / "scontrol"
    scontrol.parent.mkdir()
    scontrol.write_text(f'#!/bin/sh\necho "$@" > "{asked}"\n')
    scontrol.chmod(0o755)
    os.mkfifo(tmp_path / "gate")
    reading = os.open(tmp_path / "gate", os.O_RDONLY | os.O_NONBLOCK)
    variables = {**os.environ, "PATH": f"{scontrol.parent}:{os.environ['PATH']}", "SLURM_JOB_ID": "12"}
    words = [sys.executable, "-c", JOB, str(tmp_path), WAITING, str(line), str(tmp_path / "gate")]
    process = subprocess.Popen(words, env=variables, start_new_session=True, stderr=subprocess.PIPE, text=True)
    assert select.select([reading], [], [], 60)[0], "the run never began"
    os.close(reading)
    os.killpg(process.pid, number)  # a queue signals all processes of a job
    told = process.communicate(timeout=60)[1]
    assert (process.returncode, WARNED in told) == (130, number == signal.SIGUSR2)
    assert (asked.exists() and asked.read_text() == "requeue 12\n") is requeued
    assert msgspec.json.decode((tmp_path / "jobs" / "3-of-8.json").read_bytes())["code"] == (None if requeued else 130)
