"""`embbench submit --on slurm` on a real SLURM of one node, without accounting."""

import os
import re
import shlex
import subprocess

import psutil
import pytest
from one_node import lacking, one_node, until_gone
from small_runs import CASES, Gate
from submitting import job_program, kill_all, lines_of

from embbench.cases.shard import Shard
from embbench.cli import submitted
from embbench.launch import shard_job
from embbench.store.journal import read_rounds

TWO = ("submit", "--on", "slurm", "--jobs", "2", *CASES, "--out", "jobs")
NUMPY = (
    *("--contender", "numpy", "--table", "trainable", "--update", "default", "--optimizer", "sgd", "--dim", "4"),
    *("--vocab", "1k,2k", "--preset", "quick", "--rounds", "1", "--budget", "0.02"),
)
pytestmark = pytest.mark.skipif(lacking() != "", reason=lacking())


@pytest.fixture(scope="module")
def conf(tmp_path_factory):
    with one_node(tmp_path_factory.mktemp("slurm")) as path:
        yield path


@pytest.fixture(autouse=True)
def cluster(conf, monkeypatch):
    monkeypatch.setenv("SLURM_CONF", str(conf))
    monkeypatch.setattr(submitted, "EVERY", 0.5)
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program())


def test_an_array_of_exclusive_jobs_measures_the_plan(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program(real=True))
    ran = cli("submit", "--on", "slurm", "--jobs", "2", *NUMPY, "--out", "jobs", "--option", "partition=all")
    assert ran.code == 0, ran.err
    rounds = [read_rounds([tmp_path / "jobs" / f"{number}-of-2.jsonl"])[0] for number in (1, 2)]
    told = [[(each.case.vocab, each.case.ranks, each.status) for each in part] for part in rounds]
    assert told == [[(2000, 1, "ok")], [(1000, 1, "ok")]]
    lines = [line for line in ran.err.splitlines() if line.startswith("jobs:")]
    assert lines[-1] == "jobs: 2 ended · 2 of 2 rounds"
    assert not [line for line in lines if "2 running" in line], "the node has room for one exclusive job"
    assert "exact ✓" in ran.out
    assert shard_job.read_note(tmp_path / "jobs", Shard(1, 2)).code == 0
    again = cli("submit", "--on", "slurm", "--jobs", "2", *NUMPY, "--out", "jobs")
    assert (again.code, again.out, "submitted" in again.err) == (0, ran.out, False)


def test_a_job_that_died_without_a_word_is_submitted_again_and_only_this_job(cli, tmp_path, monkeypatch, conf):
    gate = Gate(tmp_path / "gate")
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program(gate.fault))
    assert cli(*TWO, "--detach").code == 0
    job = next(each for each in psutil.Process(gate.wait()).parents() if "submitit.core._submit" in each.cmdline())
    array = re.fullmatch(r"(\d+)_0", job.environ()["SLURM_ARRAY_JOB_ID"] + "_" + job.environ()["SLURM_ARRAY_TASK_ID"])
    kill_all(job.pid)
    gate.path.unlink()
    until_gone(conf, f"{array[1]}_0")
    again = cli(*TWO)
    assert (again.code, again.err.count("submitted 1 of 2 jobs")) == (0, 1)
    assert {len(read_rounds([tmp_path / "jobs" / name])[0]) for name in lines_of(tmp_path / "jobs")} == {2}


def test_a_cancelled_job_keeps_its_rounds_and_goes_on_where_it_was(cli, tmp_path, monkeypatch, conf):
    gate = Gate(tmp_path / "gate")
    one = [word if word != "2" or before != "--jobs" else "1" for before, word in zip(("", *TWO), TWO, strict=False)]
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program(gate.fault))
    detached = cli(*one, "--detach")
    gate.wait()
    cancel = shlex.split(re.search(r"cancel them: (scancel \d+)\n", detached.err)[1])
    subprocess.run(cancel, check=True)
    until_gone(conf, cancel[1])
    gate.path.unlink()
    path = tmp_path / "jobs" / "1-of-1.jsonl"
    kept = path.read_bytes()
    assert [each.status for each in read_rounds([path])[0]][-1] == "interrupted"
    again = cli(*one)
    assert (again.code, path.read_bytes().startswith(kept)) == (0, True)
    scripts = sorted((tmp_path / "jobs" / "jobs").glob("*_submission.sh"), key=os.path.getmtime)
    assert ["--nodelist=" in each.read_text() for each in scripts] == [False, True]


def test_what_slurm_refuses_is_said_in_its_words(cli, tmp_path):
    ran = cli(*TWO, "--option", "partition=nowhere")
    assert (ran.code, "invalid partition specified: nowhere" in ran.err) == (2, True)
    assert len(ran.err.splitlines()) == 1
