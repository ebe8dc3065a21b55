"""The command as a user runs it: real processes, the real worker, real PyTorch where it matters, real signals."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.errors import EXIT_BROKE
from embbench.store.journal import read_rounds
from tests.fakes import fake

SMALL = ("--dim", "8", "--hidden", "8", "--batch", "4", "--seq", "6", "--budget", "0.02", "--preset", "quick")
TINY = (*SMALL, "--threads", "1")  # threads of one step would wait for CPUs that other tests use
ROOT = Path(__file__).parents[1]


@pytest.fixture
def embbench(tmp_path):
    """Runs `embbench ...` in an empty directory."""

    def run(*arguments: str, **options) -> subprocess.CompletedProcess:
        return subprocess.run(command(*arguments), cwd=tmp_path, env=environment(), capture_output=True, text=True)

    return run


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "import sys; from embbench.cli import main; sys.exit(main())", *arguments]


def environment() -> dict[str, str]:
    """Workers must find the fakes from wherever they start."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


@pytest.fixture
def contender(tmp_path):
    """A contender file with the fake's arithmetic and the given body of `step`."""

    def write(name: str, before_step: str) -> str:
        path = tmp_path / f"{name}.py"
        path.write_text(
            "import os, signal, time\nfrom tests.fakes.fake import FakeTrial\n"
            f"DECLARES = {fake.DECLARES!r}\n\n"
            "class Trial(FakeTrial):\n"
            f"    def step(self):\n        {before_step}\n        super().step()\n\n"
            "def prepare(case, tokens):\n    return Trial(case, tokens)\n"
        )
        return f"./{name}.py"

    return write


def test_pytorch_every_path_of_the_default_suite_in_small(embbench, tmp_path):
    ran = embbench("run", "--vocab", "3k", *TINY, "--format", "json", "--out", "r.jsonl")
    assert ran.returncode == 0, ran.stderr
    rounds, _ = read_rounds([tmp_path / "r.jsonl"])
    assert [round_.status for round_ in rounds] == ["ok"] * 5, [round_.reason for round_ in rounds]
    assert all(round_.audit.passed for round_ in rounds)
    for round_ in rounds:
        assert {"import_time", "build_time", "first_step_time", "step_time", "host_peak"} <= round_.metrics.keys()
        assert round_.ran["lstm"] == "oneDNN"
        assert round_.ran["threads"] == str(round_.case.threads)
    assert json.loads(ran.stdout)["answer"]


def test_what_has_no_device_is_unsupported(embbench):
    ran = embbench("run", "--device", "cuda", "--vocab", "300", *TINY)
    if "no CUDA device" not in ran.stdout:
        pytest.skip("this machine has a CUDA device")
    assert ran.returncode == 5
    assert "unsupported" in ran.stdout


def test_a_killed_worker_is_a_row_and_the_sweep_goes_on(embbench, contender, tmp_path):
    dies = contender("dies", "self.case.vocab == 300 and self.steps > 2 and os.kill(os.getpid(), signal.SIGKILL)")
    vocab = ("--vocab", "300", "--vocab", "400")
    ran = embbench("run", "--contender", dies, "--table", "frozen", *vocab, *TINY, "--out", "r.jsonl")
    assert ran.returncode == EXIT_BROKE, ran.stderr
    told = {round_.case.vocab: round_ for round_ in read_rounds([tmp_path / "r.jsonl"])[0]}
    assert told[300].status in ("crash", "oom_host")
    assert "SIGKILL" in told[300].reason
    assert told[400].status == "ok"


def test_a_worker_killed_while_its_step_is_taken_apart_loses_no_more_than_the_parts(embbench, contender, tmp_path):
    dies = contender("dies", "pass")
    with (tmp_path / "dies.py").open("a") as file:
        file.write("\nTrial.parts = lambda self: os.kill(os.getpid(), signal.SIGKILL)\n")
    (tmp_path / "apart.toml").write_text(
        'title = "Which part?"\n[protocol]\nphases = true\n[axes]\ntable = ["frozen"]\nvocab = ["300"]\n'
    )
    ran = embbench("run", "--suite", "apart.toml", "--contender", dies, *TINY, "--out", "r.jsonl")
    assert ran.returncode == 0, ran.stderr
    assert "killed by SIGKILL during 'phases'; the round is measured again without it" in ran.stderr
    (round_,) = read_rounds([tmp_path / "r.jsonl"])[0]
    assert (round_.status, round_.protocol.phases) == ("ok", True)
    assert round_.audit.passed
    assert round_.conditions["phases"] == "not measured: killed by SIGKILL during 'phases'"


def test_an_interrupted_run_keeps_all_and_the_same_command_goes_on(contender, tmp_path):
    """SIGINT reaches the command while a worker of its last case stands at a gate; the next time the gate is open."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    waits = contender("waits", "os.path.exists('gate') and self.case.vocab == 400 and open('gate').read()")
    arguments = command(
        "run", "--contender", waits, "--table", "frozen", "--vocab", "300", "--vocab", "400", *TINY, "--out", "r.jsonl"
    )
    process = subprocess.Popen(
        arguments,
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with gate.open("w"):  # opens when the worker has come to the gate
        process.send_signal(signal.SIGINT)
        _, error = process.communicate()
    assert process.returncode == 130
    assert "--out r.jsonl" in error
    before = (tmp_path / "r.jsonl").read_bytes()
    rounds, warnings = read_rounds([tmp_path / "r.jsonl"])
    assert not warnings
    assert {round_.case.vocab: round_.status for round_ in rounds}[400] == "interrupted"
    gate.unlink()
    again = subprocess.run(arguments, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "r.jsonl").read_bytes().startswith(before)
    rounds, _ = read_rounds([tmp_path / "r.jsonl"])
    assert [round_.case.vocab for round_ in rounds if round_.status == "ok"].count(400) == 1
