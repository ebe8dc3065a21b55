"""`--device cuda` from the command to the table, on a made-up GPU: NVML's C library is made up, and so is the device, a
thread that works while the host goes on. Parent, workers, journal and reports are real.
"""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from embbench.cli import main
from embbench.errors import EXIT_BROKE, EXIT_NOTHING_MEASURED
from embbench.store.journal import read_rounds
from embbench.store.round import Round
from tests.fakes import threaded
from tests.fakes.nvml import A100, GB, H200, SLICE

SMALL = ("--dim", "8", "--hidden", "8", "--batch", "4", "--seq", "6", "--budget", "0.02", "--preset", "quick")
CASE = (*SMALL, "--threads", "1", "--rounds", "1", "--device", "cuda", "--table", "trainable", "--update", "default")
ROW = 8 * 4  # bytes
HOT = 0x20


@pytest.fixture
def embbench(tmp_path, monkeypatch, capsys, own_lock) -> Callable[..., SimpleNamespace]:
    """Runs `embbench ...` here, in a folder with contenders on the made-up device: code, out, err."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # workers find the fakes
    monkeypatch.setenv("COLUMNS", "100")
    for trial in ("ThreadedTrial", "Unfenced", "TooSmall"):
        (tmp_path / f"{trial.lower()}.py").write_text(threaded.file_of(trial))

    def go(*arguments: str) -> SimpleNamespace:
        code = main(arguments)
        return SimpleNamespace(code=code, **capsys.readouterr()._asdict())

    return go


def rounds(path: str) -> dict[int, Round]:
    """By the rows of their tables."""
    return {round_.case.vocab: round_ for round_ in read_rounds([Path(path)])[0]}


def test_a_run_is_measured_reported_and_explained(embbench, made_up_gpus):
    made_up_gpus({**H200, "throttle": HOT, "processes": f"SELF:{2 * GB}", "samples": "SELF:99:1 1:40:1"})
    ran = embbench("run", *CASE, "--contender", "./threadedtrial.py", "--vocab", "2k,4k", "--out", "r.jsonl")
    assert ran.code == 0, ran.err
    assert "Peak device memory goes from" in " ".join(ran.out.split())
    found = rounds("r.jsonl")
    for vocab, round_ in found.items():
        assert (round_.status, round_.audit.passed) == ("ok", True), round_.reason
        assert round_.machine["devices"] == ["NVIDIA H200"]
        assert round_.machine["driver"] == "580.159.04"
        assert round_.metrics["device_process"].values == (2 * GB,)
        assert {warning.code for warning in round_.warnings} >= {"throttled", "gpu-contention"}
        table = vocab * ROW
        peak = round_.metrics["device_step_peak"].values[0]
        # The table, two states and the gradient; the network is small.
        assert 4 * table < peak < 4 * table + 20_000
        assert round_.metrics["device_build_peak"].values[0] == peak - table
        assert round_.metrics["peak_ratio"].values[0] == peak / round_.metrics["theoretical_peak"].values[0]
    page = embbench("report", "r.jsonl", "--details").out
    assert "device_step_peak" in page
    assert "NVIDIA H200 · driver 580.159.04" in page
    assert "the GPU lowered its clocks because of heat" in " ".join(page.split())
    told = json.loads(embbench("report", "r.jsonl", "--format", "json", "--metric", "device_process").out)
    assert str(2 * GB) in json.dumps(told)
    why = embbench("explain", "r.jsonl")
    assert why.code == 0
    assert "on the GPU" in " ".join(why.out.split())


def test_a_case_without_room_and_a_fence_that_lies_are_rows_beside_the_others(embbench, made_up_gpus):
    made_up_gpus(H200)
    ran = embbench("run", *CASE, "--contender", "./toosmall.py", "--vocab", "2k,4k", "--out", "r.jsonl")
    assert ran.code == EXIT_BROKE
    found = rounds("r.jsonl")
    assert (found[2000].status, found[4000].status) == ("ok", "oom_device")
    assert f"Tried to allocate {4000 * ROW} bytes" in found[4000].reason
    assert found[4000].metrics["theoretical_peak"].values[0] > 4 * 4000 * ROW
    assert "out of device memory" in ran.out
    ran = embbench("run", *CASE, "--contender", "./unfenced.py", "--vocab", "2k", "--out", "l.jsonl")
    assert ran.code == EXIT_BROKE
    assert rounds("l.jsonl")[2000].status == "invalid"
    assert "the fence does not wait" in rounds("l.jsonl")[2000].reason


def test_a_table_beyond_the_part_of_a_gpu_is_skipped_though_the_gpu_has_room(embbench, made_up_gpus):
    """8 states of 25M rows need 6.4 GB: the GPU has 41, its part 4."""
    made_up_gpus({**A100, "mig": 1, "parts": [SLICE]})
    asked = ("run", *CASE, "--contender", "./threadedtrial.py", "--vocab", "25M", "--out", "r.jsonl")
    ran = embbench(*asked)
    assert ran.code == EXIT_NOTHING_MEASURED
    round_ = rounds("r.jsonl")[25_000_000]
    assert round_.status == "skipped"
    assert "of device memory, but only 4.00 GB are free" in round_.reason


def test_the_gpu_is_the_one_that_cuda_shows(embbench, made_up_gpus, monkeypatch):
    made_up_gpus({**A100, "free": 0}, H200)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    ran = embbench("run", *CASE, "--contender", "./threadedtrial.py", "--vocab", "2k", "--out", "r.jsonl")
    assert ran.code == 0, ran.err
    round_ = rounds("r.jsonl")[2000]
    assert round_.machine["devices"] == ["NVIDIA H200"]
    assert round_.conditions["clocks"][0] == [1_980_000_000]


def test_without_a_gpu_the_reason_is_a_row_and_doctor_says_why(embbench, made_up_gpus):
    made_up_gpus(init=9)
    ran = embbench("run", *CASE, "--contender", "./threadedtrial.py", "--vocab", "2k", "--out", "r.jsonl")
    assert ran.code == EXIT_NOTHING_MEASURED
    assert "no CUDA device; `embbench doctor` shows why" in " ".join(ran.out.split())
