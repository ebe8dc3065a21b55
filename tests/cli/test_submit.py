"""`embbench submit` with processes of this machine: jobs, their progress, their table, and what ends them early."""

import json
import os
import re
import signal
import subprocess
import sys

import psutil
import pytest
from small_runs import CASES, Gate
from submitting import job_program, kill_all, lines_of, on_path, submitter

from embbench.cli import submitted
from embbench.launch import shard_job
from embbench.store.journal import read_rounds

TWO = ("submit", "--on", "local", "--jobs", "2", *CASES, "--out", "jobs")
NUMPY = (
    *("--contender", "numpy", "--table", "trainable", "--update", "default", "--optimizer", "sgd", "--dim", "4"),
    *("--vocab", "1k,2k", "--preset", "quick", "--rounds", "1", "--budget", "0.02"),
)


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch):
    monkeypatch.setattr(submitted, "EVERY", 0.1)
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program())


def cases_in(path):
    return {(each.case.vocab, each.round) for each in read_rounds([path])[0] if each.status == "ok"}


def test_real_jobs_measure_the_cases_of_a_run_and_show_the_table_of_all(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program(real=True))
    ran = cli("submit", "--on", "local", "--jobs", "2", *NUMPY, "--out", "jobs")
    assert ran.code == 0, ran.err
    parts = [cases_in(tmp_path / "jobs" / f"{number}-of-2.jsonl") for number in (1, 2)]
    assert parts == [{(2000, 0)}, {(1000, 0)}]  # the largest part is the first
    said = [line for line in ran.err.splitlines() if line.startswith("jobs:")]
    assert (said[-1], "jobs: 2 running · 0 of 2 rounds" in said) == ("jobs: 2 ended · 2 of 2 rounds", True)
    report = cli("report", "jobs/1-of-2.jsonl", "jobs/2-of-2.jsonl")
    assert ran.out == report.out
    assert "exact ✓" in ran.out


def test_a_submission_that_is_complete_shows_its_table_at_once(cli, tmp_path):
    first = cli(*TWO)
    assert (first.code, first.err.count("submitted 2 of 2 jobs")) == (0, 1)
    before = lines_of(tmp_path / "jobs")
    again = cli(*TWO)
    assert (again.code, again.out, "submitted" in again.err) == (0, first.out, False)
    more = cli(*TWO[:-4], "--rounds", "3", *TWO[-2:])
    assert (more.code, more.err.count("submitted 2 of 2 jobs")) == (0, 1)
    after = lines_of(tmp_path / "jobs")
    assert all(after[name].startswith(lines) and after[name] != lines for name, lines in before.items())


def test_without_a_folder_the_same_plan_finds_its_folder(cli, tmp_path):
    for _ in range(2):
        assert cli(*TWO[:-2]).code == 0
    (folder,) = (tmp_path / "results" / "local").iterdir()
    assert folder.name.endswith("-2-jobs")
    assert len(lines_of(folder)) == 2


def test_a_killed_job_is_submitted_again_and_only_this_job(cli, tmp_path, monkeypatch):
    gate = Gate(tmp_path / "gate")
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program(gate.fault))
    detached = cli(*TWO, "--detach")
    assert (detached.code, detached.out) == (0, "")
    worker = gate.wait()  # the job of 2000 rows; the other may still wait for the machine
    known = json.loads((tmp_path / "jobs" / "submission.json").read_bytes())["jobs"]
    (killed,) = (int(job["id"]) for job in known.values() if _is_of(worker, int(job["id"])))
    kill_all(killed)
    gate.path.unlink()
    for job in known.values():
        if int(job["id"]) != killed:
            psutil.wait_procs([psutil.Process(int(job["id"]))] if psutil.pid_exists(int(job["id"])) else [], timeout=60)
    before = lines_of(tmp_path / "jobs")
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program())
    again = cli(*TWO)
    assert (again.code, again.err.count("submitted 1 of 2 jobs")) == (0, 1)
    after = lines_of(tmp_path / "jobs")
    assert [name for name in after if after[name] != before.get(name)] == ["1-of-2.jsonl"]
    assert cases_in(tmp_path / "jobs" / "1-of-2.jsonl") == {(2000, 0), (2000, 1)}


def _is_of(worker: int, job: int) -> bool:
    return psutil.pid_exists(job) and job in [each.pid for each in psutil.Process(worker).parents()]


def test_a_job_that_fails_is_told_with_its_last_line_and_its_log(cli, tmp_path, monkeypatch):
    failing = (sys.executable, "-c", "import sys; sys.exit('embbench: the disk is full')")
    monkeypatch.setattr(shard_job, "EMBBENCH", failing)
    ran = cli(*TWO)
    assert (ran.code, ran.out) == (4, "")
    told = [line for line in ran.err.splitlines() if line.startswith("job ")]
    assert len(told) == 2
    assert all("ended early, with exit code 1: embbench: the disk is full; log: " in line for line in told)
    assert ran.err.splitlines()[-1] == (
        "embbench: 2 of 2 jobs ended before their part was measured; repeat the command to submit them again"
    )
    monkeypatch.setattr(shard_job, "EMBBENCH", job_program())
    assert cli(*TWO).code == 0


def test_ctrl_c_ends_the_waiting_and_says_how_to_go_on_and_how_to_cancel(tmp_path, own_lock):
    gate = Gate(tmp_path / "gate")
    command = [*submitter(gate.fault), *TWO]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True, **pipes) as process:
        worker = gate.wait()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all processes of the command
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert psutil.pid_exists(worker)
    assert re.search(r"interrupted; the jobs go on, with results in jobs\n", err)
    assert f"see how far they are, and their table: embbench {' '.join(TWO)}\n" in err
    cancel = re.search(r"cancel them: (kill [\d ]+)\n", err)[1].split()
    jobs = [psutil.Process(int(each)) for each in cancel[1:]]
    subprocess.run(cancel, check=True)
    assert not psutil.wait_procs(jobs, timeout=60)[1]
    assert not psutil.pid_exists(worker)
    assert read_rounds([tmp_path / "jobs" / "1-of-2.jsonl"])[0][-1].status == "interrupted"


@pytest.mark.parametrize("change", [("--vocab", "4k"), ("--jobs", "1"), ("--batch", "8")])
def test_another_plan_for_the_folder_is_refused(cli, tmp_path, monkeypatch, change):
    monkeypatch.setattr(shard_job, "EMBBENCH", ("true",))
    assert cli(*TWO, "--detach").code == 0
    before = (tmp_path / "jobs" / "submission.json").read_bytes()
    ran = cli(*TWO, *change)
    assert (ran.code, ran.out) == (2, "")
    assert "jobs: holds the jobs of another plan or number of jobs: " in ran.err
    assert f"{' '.join(TWO)}; repeat that command, or name another folder: --out FOLDER" in ran.err
    assert (tmp_path / "jobs" / "submission.json").read_bytes() == before


def test_results_of_other_commands_stay_by_themselves(cli, tmp_path):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "own.jsonl").write_text("{}")
    ran = cli(*TWO)
    assert (ran.code, "jobs: holds results of other commands; name a new folder" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--jobs", "3"), "--jobs: 3 parts are too many; cases that are compared stay together, so 2 is the most here"),
        (("--jobs", "0"), "--jobs: 0 is too few"),
        (("--on", "slurmm"), "--on: unknown value 'slurmm': did you mean 'slurm'?"),
        (("--option", "partition=gpu"), "--option: jobs of this machine have no options"),
        (("--option", "exclusive=user"), "--option: exclusive=user: embbench sets exclusive; leave it out"),
        (("--option", "=gpu"), "--option: '=gpu' is no option of sbatch"),
        (("--update", "spars"), "update: unknown update 'spars': did you mean 'sparse'?"),
        (("--filter", "vocab=3M"), "no case passes --filter vocab=3M"),
        (("--across", "machine"), "--across: unknown value 'machine': valid: twin"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_submitted(cli, tmp_path, words, reason):
    ran = cli(*TWO, *words)
    assert (ran.code in (2, 5), ran.out, reason in ran.err) == (True, "", True), ran.err
    assert not (tmp_path / "jobs" / "jobs").exists()


def test_without_submitit_the_command_to_install_it_is_named(cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "submitit", None)
    ran = cli(*TWO)
    assert (ran.code, ran.err) == (2, "embbench: submitit is not installed: pip install 'embbench[slurm]'\n")


def test_without_slurm_the_other_queue_is_named(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = cli(*["slurm" if word == "local" else word for word in TWO])
    assert (ran.code, "--on slurm: there is no sbatch here" in ran.err, "--on local" in ran.err) == (2, True, True)
    assert not (tmp_path / "jobs").exists()


def test_what_sbatch_refuses_is_said_in_its_words(cli, tmp_path, monkeypatch):
    for name in ("sbatch", "srun", "squeue"):
        on_path(tmp_path / "bin", name, "exit 0" if name == "squeue" else "echo 'invalid partition: gpux' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    ran = cli(*["slurm" if word == "local" else word for word in TWO], "--option", "partition=gpux")
    assert (ran.code, ran.err) == (2, "embbench: --on slurm: invalid partition: gpux\n")
