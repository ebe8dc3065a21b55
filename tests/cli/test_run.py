"""`embbench run` from the shell's side: table, resume, interruption, exit codes."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_runs import CASES, LAUNCH, PLAIN, SMALL, STUB, Gate

from embbench.launch import machine_lock
from embbench.store.journal import read_rounds


def journal(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "results" / "local").glob("*.jsonl")
    return found


def test_run_measures_then_shows_then_has_nothing_left(cli, tmp_path):
    first = cli("run", *CASES)
    assert first.code == 0
    assert "step_time" in first.out
    assert re.search(r"\[1/4\] plain trainable default sgd vocab=1k · round 1/2 · about \d+ s left\n  step ", first.err)
    assert "[4/4]" in first.err
    path = journal(tmp_path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-embedding-scaling-[0-9a-f]{8}\.jsonl", path.name)
    before = path.read_bytes()
    assert len(before.splitlines()) == 4
    again = cli("run", *CASES)
    assert again.code == 0
    assert again.out == first.out
    assert again.err == (
        f"embbench: nothing was run: results/local/{path.name} has all rounds; --fresh starts a new file\n"
    )
    assert path.read_bytes() == before
    fresh = cli("run", *CASES, "--fresh")
    assert fresh.code == 0
    assert f"results/local/{path.stem}-2.jsonl" in fresh.err
    assert path.read_bytes() == before


def test_more_rounds_go_on_with_the_same_file(cli, tmp_path):
    assert cli("run", *CASES).code == 0
    assert "[4/4]" in cli("run", *CASES, "--rounds", "4").err
    assert len(read_rounds([journal(tmp_path)])[0]) == 8


def test_what_was_given_up_is_named(cli, start, tmp_path):
    arguments = ("run", *CASES, "--rounds", "3", "--out", "r.jsonl")
    with start(*arguments, fault="silent") as process:
        process.communicate()
    ran = cli(*arguments)
    assert ran.code == 4
    assert ran.err.splitlines()[0] == (
        "embbench: nothing was run: r.jsonl has all other rounds; given up after two failures in a row: "
        "plain trainable default sgd vocab=1k, plain trainable default sgd vocab=2k; --fresh starts a new file"
    )


def test_an_edited_corpus_is_another_case(cli, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the cat")
    arguments = ("run", *CASES, "--tokens", "corpus:text.txt", "--out", "r.jsonl")
    assert cli(*arguments).code == 0
    assert cli(*arguments).err.startswith("embbench: nothing was run")
    text.write_text("the dog")
    assert "[4/4]" in cli(*arguments).err
    rounds = read_rounds([tmp_path / "r.jsonl"])[0]
    assert all(round_.case.tokens.startswith("corpus#") for round_ in rounds)
    assert len({round_.case.tokens for round_ in rounds}) == 2


def test_the_same_content_elsewhere_goes_on_and_is_found(cli, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "text.txt").write_text("the cat")
    assert cli("run", *CASES, "--tokens", "corpus:text.txt", "--out", "r.jsonl").code == 0
    (tmp_path / "text.txt").rename(tmp_path / "deep" / "other")
    for path in ("deep/other", "./deep/../deep/other", str(tmp_path / "deep" / "other")):
        ran = cli("run", *CASES, "--tokens", f"corpus:{path}", "--out", "r.jsonl")
        assert ran.err.startswith("embbench: nothing was run")
    (tmp_path / "copy").write_text("the cat")
    (tmp_path / "edited").write_text("the dog")
    shown = cli("report", "r.jsonl", "--filter", "tokens=corpus:copy")
    assert (shown.code, "plain" in shown.out) == (0, True)
    other = cli("report", "r.jsonl", "--filter", "tokens=corpus:edited")
    assert (other.code, "corpus#" in other.err) == (2, True)
    gone = cli("report", "r.jsonl", "--filter", "tokens=corpus:gone")
    assert (gone.code, "corpus gone: No such file" in gone.err) == (2, True)


def test_a_text_that_is_cut_badly_is_told(cli, tmp_path):
    (tmp_path / "thai.txt").write_text("ภาษาไทย", encoding="utf-8")
    for verb, out in (("plan", ()), ("run", ("--out", "r.jsonl"))):
        ran = cli(verb, *CASES, "--tokens", "corpus:thai.txt", *out)
        assert ran.code == 0
        assert ran.err.count("thai.txt: 100% of the tokens are of scripts without spaces") == 1
    told = json.loads(cli("plan", *CASES, "--tokens", "corpus:thai.txt", "--format", "json").out)
    (source,) = told["sources"]
    assert (source["name"], source["tokens"], source["unspaced"]) == ("thai.txt", 7, 7)
    (tmp_path / "ids.txt").write_text("1 2 3")
    assert "scripts" not in cli("plan", *CASES, "--tokens", "ids:ids.txt").err


def test_table_formats_and_output(cli, tmp_path):
    ran = cli("run", *CASES, "--format", "json", "--metric", "step_time")
    assert json.loads(ran.out)
    ran = cli("run", *CASES, "--format", "md", "--output", "t.md")
    assert (ran.code, ran.out) == (0, "")
    assert "step_time" in (tmp_path / "t.md").read_text()
    ran = cli("run", *CASES, "--output", "gone/t.md")
    assert ran.code == 2
    assert "gone/t.md" in ran.err.splitlines()[-1]


def test_nothing_measured_is_exit_5_with_the_reasons(cli):
    absent = str(LAUNCH / "fixtures" / "absent.py")
    ran = cli("run", "--contender", absent, "--table", "trainable", "--update", "default", "--optimizer", "sgd")
    assert ran.code == 5
    assert "not installed: pip install embbench-no-such-package" in " ".join(ran.out.split())
    assert ran.err.splitlines()[-1].startswith("embbench: nothing was measured")


def test_no_device_is_a_row_and_not_a_failure_of_the_others(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("embbench.launch.preflight.list_devices", list)
    contender = tmp_path / "both.py"
    contender.write_text(Path(PLAIN).read_text().replace('"updates"', '"devices": ("cpu", "cuda"), "updates"'))
    ran = cli("run", *CASES, "--contender", "./both.py", "--device", "cpu,cuda")
    assert ran.code == 0
    assert "no CUDA device" in ran.err


def test_too_big_is_skipped_without_a_process(cli, monkeypatch):
    monkeypatch.setattr("embbench.launch.executor.WORKER", ("/no/such/program",))
    ran = cli("run", *SMALL, "--vocab", "400G", "--preset", "quick")
    assert ran.code == 5
    assert re.search(r"skipped: needs about 12.8 TB of host memory, but only \S+ GB are free; --force", ran.err)


def test_edited_contender_is_refused(cli, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(Path(PLAIN).read_text())
    arguments = ("run", *CASES[2:], "--contender", "./mine.py")
    assert cli(*arguments).code == 0
    mine.write_text(mine.read_text() + "# faster\n")
    ran = cli(*arguments)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "measured with the file of contender mine, " in ran.err
    assert "--fresh" in ran.err
    assert len(list((tmp_path / "results" / "local").glob("*.jsonl"))) == 1
    assert cli(*arguments, "--fresh").code == 0


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
