"""How a run ends early: by a signal, a crash, a full disk; and how the same command goes on with it."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_runs import CASES, STUB, Gate, journal

from embbench.launch import machine_lock
from embbench.store.journal import read_rounds


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_the_middle_and_gone_on_with(start, cli, tmp_path, number):
    gate = Gate(tmp_path / "gate")
    with start("run", *CASES, "--fresh", fault=gate.fault) as process:
        worker = gate.wait()
        process.send_signal(number)
        err = process.stderr.read()
        assert process.wait() == 130
    assert not Path(f"/proc/{worker}").exists()
    resume = re.search(r"interrupted; every finished round is in \S+; continue with: embbench (.*)\n", err)[1]
    assert "--fresh" not in resume
    kept = journal(tmp_path).read_bytes()
    rounds = read_rounds([journal(tmp_path)])[0]
    assert rounds[-1].status == "interrupted"
    assert [r.status for r in rounds[:-1]] == ["ok"] * (len(rounds) - 1)
    assert len(rounds) >= 2
    gate.path.unlink()
    ran = cli(*resume.split())
    assert ran.code == 0
    assert journal(tmp_path).read_bytes().startswith(kept)
    after = read_rounds([journal(tmp_path)])[0]
    done = [(r.case.vocab, r.round) for r in after if r.status == "ok"]
    assert sorted(done) == [(v, i) for v in (1000, 2000) for i in (0, 1)]


def test_killed_worker_is_a_row_and_the_run_ends(start):
    with start("run", *CASES, fault="kill") as process:
        out, err = process.communicate()
    assert process.returncode == 4
    assert err.count("  plain trainable default sgd vocab=") == 4
    assert err.count("vocab=1k: crash: killed by SIGKILL during 'measure'") == 3
    assert "2 of 2 cases broke: " in err.splitlines()[-1]
    assert "repeat the command to try again the rounds that a signal from outside ended" in err.splitlines()[-1]
    assert "killed by SIGKILL" in out


def test_a_kill_from_outside_is_tried_once_more_by_the_same_command(start, cli, tmp_path):
    """A worker that somebody kills at its gate, twice; the third time nobody does, and nothing is left to try."""
    gate = Gate(tmp_path / "gate")
    arguments = ("run", *CASES, "--rounds", "1", "--out", "r.jsonl")
    for times in (1, 2):
        with start(*arguments, fault=gate.fault) as process:
            os.kill(gate.wait(), signal.SIGKILL)
            _, err = process.communicate()
        assert process.returncode == 4
        assert "1 of 2 cases broke: plain trainable default sgd vocab=2k: crash: killed by SIGKILL" in err
        killed = [line for line in read_rounds([tmp_path / "r.jsonl"])[0] if line.status != "ok"]
        assert [line.conditions["signal"] for line in killed] == ["SIGKILL"] * times
        assert ("repeat the command to try again" in err) is (times == 1)
    gate.path.unlink()
    ran = cli(*arguments)
    assert (ran.code, ran.err.splitlines()[0]) == (
        4, "embbench: nothing was run: r.jsonl has all rounds; --fresh starts a new file"
    )  # fmt: skip
    assert "repeat the command to try again" not in ran.err


def test_of_a_lone_case_that_is_tried_no_more_nothing_is_promised(start, tmp_path):
    arguments = ("run", *CASES[:-1], "1k", "--rounds", "1", "--out", "r.jsonl")
    promised, said = [], []
    for _ in range(3):
        with start(*arguments, fault="kill") as process:
            _, err = process.communicate()
        assert process.returncode == 4
        promised.append("repeat the command to try again" in err)
        said += [line for line in err.splitlines() if "r.jsonl" in line]
    assert promised == [True, False, False]
    assert said[-1] == "embbench: nothing was run: r.jsonl has all rounds; --fresh starts a new file"
    assert said[:2] == ["embbench: results: r.jsonl"] * 2


def test_what_a_kill_ended_once_is_whole_after_the_same_command(start, cli, tmp_path):
    gate = Gate(tmp_path / "gate")
    arguments = ("run", *CASES, "--rounds", "1", "--out", "r.jsonl")
    with start(*arguments, fault=gate.fault) as process:
        os.kill(gate.wait(), signal.SIGTERM)
        process.communicate()
    assert process.returncode == 4
    gate.path.unlink()
    ran = cli(*arguments)
    assert (ran.code, ran.err.count("killed by")) == (0, 0)
    assert [line.status for line in read_rounds([tmp_path / "r.jsonl"])[0]].count("ok") == 2


def test_a_crash_of_its_own_is_not_tried_again(start, cli, tmp_path):
    arguments = ("run", *CASES, "--rounds", "1", "--out", "r.jsonl")
    with start(*arguments, fault="crash") as process:
        process.communicate()
    assert process.returncode == 4
    before = (tmp_path / "r.jsonl").read_bytes()
    ran = cli(*arguments)
    assert ran.code == 4
    assert (tmp_path / "r.jsonl").read_bytes() == before
    assert "signal from outside" not in ran.err


def test_a_lost_stderr_ends_no_run(start, tmp_path):
    with start("run", *CASES, "--out", "r.jsonl") as process:
        process.stderr.close()
        out = process.stdout.read()
    assert process.returncode == 0
    assert "step_time" in out
    assert len(read_rounds([tmp_path / "r.jsonl"])[0]) == 4


def test_nobody_reads_and_the_exit_code_still_tells(start, tmp_path):
    with start("run", *CASES, "--out", "r.jsonl", fault="silent") as process:
        process.stderr.close()
        process.stdout.close()
    assert process.returncode == 4
    assert len(read_rounds([tmp_path / "r.jsonl"])[0]) == 4


def test_the_hint_calls_the_program_as_it_was_called(tmp_path, own_lock):
    gate, script = Gate(tmp_path / "gate"), tmp_path / "my tools" / "embbench"
    script.parent.mkdir()
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom embbench.launch import executor, machine_lock\n"
        f"executor.WORKER = (sys.executable, {STUB!r}, {gate.fault!r})\n"
        f"machine_lock.LOCK = Path({str(machine_lock.LOCK)!r})\n"
        "from embbench.cli import main\nsys.exit(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "my tools/embbench", "run", *CASES],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        gate.wait()
        process.send_signal(signal.SIGINT)
        err = process.communicate()[1]
    assert process.returncode == 130
    assert f"continue with: {shlex.join(['my tools/embbench', 'run', *CASES])}\n" in err


def test_a_full_disk_ends_the_run_and_keeps_what_was_written(start, tmp_path):
    import resource

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500))

    with start("run", *CASES, "--rounds", "5", "--out", "r.jsonl", preexec_fn=small_files) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert "this round could not be saved: File too large; all rounds before it are safe" in err.splitlines()[-1]
    kept = read_rounds([tmp_path / "r.jsonl"])[0]
    assert kept
    with start("run", *CASES, "--rounds", "5", "--out", "r.jsonl") as process:
        process.communicate()
    assert process.returncode == 0
    assert len(read_rounds([tmp_path / "r.jsonl"])[0]) == 10
