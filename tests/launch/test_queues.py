"""Queues: options of sbatch, what a submission asks of SLURM, and where jobs are."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from embbench.cases.shard import Shard
from embbench.errors import UsageError
from embbench.launch.queues import QUEUES, parse_options, places_of
from embbench.launch.shard_job import JOBS as JOBS_FOLDER
from embbench.launch.shard_job import RunExtent, ShardJob
from embbench.launch.submission import SubmittedJob

SLURM, LOCAL = QUEUES["slurm"], QUEUES["local"]
JOBS = [SubmittedJob("slurm", name, "log") for name in ("7", "12_0", "12_1", "12_3")]


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Makes commands of shell scripts, before all others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def make(**scripts: str) -> None:
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)

    return make


def jobs_of(folder: Path, parts: int) -> list[ShardJob]:
    extent = RunExtent(0.0, 1, 60.0, False)
    return [ShardJob(Shard(number, parts), folder, ["run"], extent) for number in range(1, parts + 1)]


def test_options_are_those_of_sbatch():
    asked = parse_options(["partition=gpu", "--time=2:00:00", "cpus-per-task=4", "contiguous", "comment=a=b"])
    assert asked == {
        "partition": "gpu", "time": "2:00:00", "cpus_per_task": "4", "contiguous": True, "comment": "a=b"
    }  # fmt: skip


@pytest.mark.parametrize("text", ["nodes=2", "ntasks-per-node=2", "--array=0-3", "output=x", "exclusive"])
def test_what_embbench_sets_is_not_set_by_the_user(text):
    with pytest.raises(UsageError, match="embbench sets"):
        parse_options([text])


def script_of(commands, tmp_path, parts, **options) -> set[str]:
    """The lines of the script that sbatch gets."""
    commands(sbatch=f'cp "$1" {tmp_path}/script; echo Submitted batch job 12', srun="", squeue="")
    made = SLURM.submit(tmp_path / "jobs here", jobs_of(tmp_path, parts), options)
    assert [job.id for job in made] == (["12"] if parts == 1 else [f"12_{number}" for number in range(parts)])
    return set((tmp_path / "script").read_text().splitlines())


def test_each_job_of_the_array_has_a_node_and_its_memory_for_itself(commands, tmp_path):
    lines = script_of(commands, tmp_path, 3)
    asked = {"--array=0-2%3", "--exclusive", "--nodes=1", "--ntasks-per-node=1", "--mem=0", "--requeue"}
    assert {f"#SBATCH {each}" for each in asked} <= lines
    assert not any("--time" in line or "--wckey" in line for line in lines)
    (command,) = (line for line in lines if line.startswith("srun "))
    assert f"{sys.executable} -u -m submitit.core._submit" in command


def test_the_users_options_win(commands, tmp_path):
    lines = script_of(commands, tmp_path, 1, partition="gpu", time="2:00:00", mem_per_cpu="2G", job_name="mine")
    assert {
        f"#SBATCH --{each}" for each in ("partition=gpu", "time=2:00:00", "mem-per-cpu=2G", "job-name=mine")
    } <= lines
    assert not any("--mem=" in line or "embbench" in line for line in lines if line.startswith("#SBATCH"))


def test_nothing_is_left_of_jobs_that_sbatch_refuses(commands, tmp_path):
    log = tmp_path / JOBS_FOLDER / "12_0_0_log.err"  # of a job that runs
    commands(sbatch=f"touch {log}; echo no such partition >&2; exit 1", srun="", squeue="")
    with pytest.raises(UsageError, match="no such partition"):
        SLURM.submit(tmp_path, jobs_of(tmp_path, 2), {})
    assert list((tmp_path / JOBS_FOLDER).iterdir()) == [log]


def test_places_are_what_squeue_says(commands):
    commands(squeue="echo '12_0 RUNNING'; echo '12_1 PENDING'; echo '7 COMPLETING'; echo '99 RUNNING'")
    assert SLURM.places(JOBS) == {"12_0": "running", "12_1": "queued", "7": "running"}
    assert SLURM.cancel(JOBS) == ["scancel", "7", "12"]


def test_the_users_settings_of_squeue_hide_no_job(commands, monkeypatch):
    monkeypatch.setenv("SQUEUE_STATES", "PENDING")
    commands(squeue='[ -z "$SQUEUE_STATES" ] && echo "7 RUNNING"')
    assert SLURM.places(JOBS) == {"7": "running"}


def test_a_queue_that_does_not_answer_is_no_queue_without_jobs(commands):
    commands(squeue="echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    assert SLURM.places(JOBS) is None
    assert places_of(JOBS) is None
    assert places_of([]) == {}


def test_a_process_of_this_machine_runs_until_it_ends_and_another_with_its_number_is_not_it():
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        born = psutil.Process(process.pid).create_time()
        mine, former = (SubmittedJob("local", str(process.pid), "log", each) for each in (born, born - 1))
        assert places_of([mine, *JOBS[:0]]) == {mine: "running"}
        assert LOCAL.places([former]) == {}
        assert LOCAL.cancel([mine]) == ["kill", str(process.pid)]
        process.stdin.close()
        process.wait()
        assert LOCAL.places([mine]) == {}
