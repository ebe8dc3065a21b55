"""`embbench run` in each process of a job: the variables of torchrun, SLURM and MPI, and real jobs of two processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embbench.errors import UsageError
from embbench.launch.job import job_around
from embbench.store.journal import read_rounds

SHARED = Path(__file__).parent / "fixtures" / "shared.py"
TORCHRUN = {"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "MASTER_ADDR": "10.0.0.7", "MASTER_PORT": "1234"}
SLURM = {
    "SLURM_PROCID": "3",
    "SLURM_STEP_NUM_TASKS": "8",
    "SLURM_LOCALID": "1",
    "SLURM_STEP_NODELIST": "gpu[03-04,9],b",
}


def test_the_variables_of_torchrun():
    job = job_around(TORCHRUN)
    assert (job.number, job.ranks, job.local, job.address, job.port) == (1, 4, 1, "10.0.0.7", 1251)


def test_the_variables_of_slurm_name_the_first_machine():
    job = job_around(SLURM)
    assert (job.number, job.ranks, job.local, job.address, job.port) == (3, 8, 1, "gpu03", 29_517)
    assert job_around({**SLURM, "SLURM_STEP_NODELIST": "alpha,beta"}).address == "alpha"
    assert job_around({**SLURM, "MASTER_ADDR": "gamma"}).address == "gamma"


@pytest.mark.parametrize(
    ("rank", "ranks"), [("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE")]
)
def test_the_variables_of_mpi(rank, ranks):
    job = job_around({rank: "1", ranks: "2"})
    assert (job.number, job.ranks, job.local, job.address) == (1, 2, 1, "127.0.0.1")


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"RANK": "0", "WORLD_SIZE": "1"},
        {"RANK": "x"},
        {"RANK": "x", "WORLD_SIZE": "1"},
        {"SLURM_PROCID": "0", "SLURM_NTASKS": "4"},
    ],
    ids=["nothing", "a job of one", "no job", "no number in a job of one", "the script of a job"],
)
def test_a_process_that_nobody_started_with_others_is_alone(environment):
    assert job_around(environment) is None


@pytest.mark.parametrize("rank", ["x", "-1", ""])
def test_a_process_of_a_job_needs_a_number(rank):
    with pytest.raises(UsageError, match=f"RANK={rank}: a job with WORLD_SIZE=2 has ranks from 0 to 1; unset WORLD_S"):
        job_around({"RANK": rank, "WORLD_SIZE": "2"})


def test_a_job_has_the_secret_of_its_user_or_its_own_name():
    assert job_around({**TORCHRUN, "EMBBENCH_JOB_KEY": "ours"}).key == b"ours"
    named = [job_around({**TORCHRUN, "TORCHELASTIC_RUN_ID": name}).key for name in ("a", "b")]
    assert named[0] != named[1]


def test_a_number_beyond_the_job_is_refused_at_once():
    with pytest.raises(UsageError, match="RANK=4: a job with WORLD_SIZE=4 has ranks from 0 to 3"):
        job_around({**TORCHRUN, "RANK": "4"})


@pytest.mark.parametrize("number", ["0", "1"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_wait_for_processes_that_do_not_come(tmp_path, number, how):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = "import sys; from embbench.cli import main; sys.exit(main())"
    case = ["--contender", str(SHARED), "--table", "trainable", "--update", "default", "--vocab", "1k", "--ranks", "2"]
    told = {"RANK": number, "WORLD_SIZE": "2", "LOCAL_RANK": number, "MASTER_ADDR": "127.0.0.1"}
    with subprocess.Popen(
        [sys.executable, "-c", script, "run", *case, "--out", str(tmp_path / "r.jsonl")],
        env={**os.environ, **told, "MASTER_PORT": str(port)},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert any(f"rank {number} of 2" in line for line in iter(process.stderr.readline, ""))
        process.send_signal(how)
        _, rest = process.communicate(timeout=60)  # half of what it would wait
    assert process.returncode == 130, rest
    assert "Traceback" not in rest


@pytest.fixture
def job(tmp_path):
    """Starts `embbench run` in both processes of a job."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1] - 17
    started = []

    def start(*flags, fault=""):
        for number in (1, 0):
            told = {"RANK": str(number), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
            command = [
                Path(sys.executable).with_name("embbench"), "run", "--contender", str(SHARED), "--update", "default",
                "--table", "trainable", "--optimizer", "sgd", "--vocab", "500", "--dim", "8", "--hidden", "8",
                "--batch", "4", "--seq", "6", "--preset", "quick", "--rounds", "1", "--out", str(tmp_path / "r.jsonl"),
                *flags,
            ]  # fmt: skip
            environment = {**os.environ, **told, "EMBBENCH_TEST_FAULT": fault}
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            started.append(subprocess.Popen(command, env=environment, cwd=tmp_path, **pipes))
        return started

    yield start
    for each in started:
        each.kill()
        each.communicate()


def test_both_processes_of_a_job_make_one_round(job, tmp_path):
    follower, lead = job()
    out, err = lead.communicate(timeout=120)
    assert (lead.returncode, follower.wait(60)) == (0, 0), err
    (round_,) = read_rounds([tmp_path / "r.jsonl"])[0]
    assert (round_.status, round_.case.ranks, len(round_.conditions["ranks"])) == ("ok", 2, 2)
    assert round_.ran["rendezvous"] == "2 at 127.0.0.1"
    assert "trainable" in out
    assert follower.stdout.read() == ""
    assert "rank 1 of 2: rank 0, at 127.0.0.1, has the plan" in follower.stderr.read()


def test_all_processes_of_a_job_use_the_environment_of_the_contender(job, tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$3" >> {tmp_path / "started"}\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    follower, lead = job("--python", "shared=./python")
    _, err = lead.communicate(timeout=120)
    assert (lead.returncode, follower.wait(60)) == (0, 0), err
    started = (tmp_path / "started").read_text(encoding="utf-8").split()
    assert started == ["embbench.worker.inventory", "embbench.worker", "embbench.worker"]


def test_a_failure_in_the_other_process_is_a_row(job, tmp_path):
    follower, lead = job(fault="raises")
    lead.communicate(timeout=120)
    assert (lead.returncode, follower.wait(60)) == (4, 0)
    (round_,) = read_rounds([tmp_path / "r.jsonl"])[0]
    assert round_.status == "crash"
    assert round_.reason.startswith("rank 1: NotImplementedError: no such optimizer here")


def test_another_number_of_ranks_than_the_job_has_is_not_measured(job, tmp_path):
    follower, lead = job("--ranks", "4")
    lead.communicate(timeout=120)
    assert (lead.returncode, follower.wait(60)) == (5, 0)
    (round_,) = read_rounds([tmp_path / "r.jsonl"])[0]
    assert (round_.status, round_.reason) == ("unsupported", "ranks=4: this job has 2 processes")


def test_the_other_process_ends_with_the_first(job):
    follower, lead = job()
    while "step" not in lead.stderr.readline():
        assert lead.poll() is None
    lead.send_signal(signal.SIGKILL)
    begun = time.monotonic()
    follower.wait(60)
    assert time.monotonic() - begun < 10


def test_a_failure_in_the_first_process_is_its_own(job, tmp_path):
    follower, lead = job(fault="lead")
    lead.communicate(timeout=120)
    assert (lead.returncode, follower.wait(60)) == (4, 0)
    (round_,) = read_rounds([tmp_path / "r.jsonl"])[0]
    assert round_.status == "crash"
    assert round_.reason.startswith("rank 0: ValueError: nothing to lead")
