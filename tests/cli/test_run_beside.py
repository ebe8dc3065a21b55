"""Runs beside other runs: on one machine, and on one file."""

import signal

from small_runs import CASES, Gate


def test_the_second_run_of_a_machine_waits_for_the_first_or_is_refused(start, cli, tmp_path):
    gate = Gate(tmp_path / "gate")
    with start("run", *CASES, "--out", "r.jsonl", fault=gate.fault) as first:
        gate.wait()
        ran = cli("run", *CASES, "--out", "other.jsonl", "--no-wait")
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert f"another embbench measures on this machine: process {first.pid} of " in ran.err
        assert " run --contender" in ran.err
        assert not (tmp_path / "other.jsonl").exists()
        with start("run", *CASES, "--out", "third.jsonl") as third:
            assert f"waiting for another embbench that measures on this machine: process {first.pid} of " in (
                third.stderr.readline()
            )
            third.send_signal(signal.SIGINT)
            assert third.wait() == 130
            _, err = third.communicate()
            assert "interrupted; nothing was measured yet; continue with: " in err
            assert not (tmp_path / "third.jsonl").exists()
        with start("run", *CASES, "--out", "second.jsonl") as second:
            assert "waiting for" in second.stderr.readline()
            first.terminate()
            first.communicate()
            out, _ = second.communicate()
    assert (first.returncode, second.returncode) == (130, 0)
    assert "step_time" in out


def test_nothing_left_to_measure_waits_for_nobody(start, cli, tmp_path):
    assert cli("run", *CASES, "--out", "done.jsonl").code == 0
    gate = Gate(tmp_path / "gate")
    with start("run", *CASES, "--out", "r.jsonl", fault=gate.fault) as first:
        gate.wait()
        assert cli("run", *CASES, "--out", "done.jsonl", "--no-wait").code == 0
        assert cli("report", "done.jsonl").code == 0
        first.terminate()
        first.communicate()


def test_two_runs_on_one_file(start, cli, tmp_path):
    gate = Gate(tmp_path / "gate")
    with start("run", *CASES, "--out", "r.jsonl", fault=gate.fault) as process:
        gate.wait()
        ran = cli("run", *CASES, "--out", "r.jsonl")
        process.terminate()
        process.communicate()
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert f"another embbench writes to it (process {process.pid} on " in ran.err
    assert process.returncode == 130
