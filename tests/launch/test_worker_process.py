"""The process of a worker: its life ends with its parent's, and its environment."""

import os
import select
import subprocess
import sys

import pytest

from embbench.launch.process import environment

PARENT = """
import os, sys
from embbench.launch.process import WorkerProcess, environment
worker = WorkerProcess([sys.executable, "-c", "import signal; signal.pause()"], environment(1, "cpu", "/tmp"))
print(worker._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ties no process to its parent elsewhere")
def test_a_worker_dies_with_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with parent:
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        # Readable when the process has ended; without that the wait, and so the test, would fail.
        assert select.select([worker], [], [], 30)[0]
        os.close(worker)


def test_a_worker_sees_gpus_only_where_its_case_runs_on_one():
    told = {"CUDA_VISIBLE_DEVICES": "3"}
    assert environment(2, "cpu", "/tmp", told)["CUDA_VISIBLE_DEVICES"] == "-1"
    assert environment(2, "cuda", "/tmp", told)["CUDA_VISIBLE_DEVICES"] == "3"
    assert "CUDA_VISIBLE_DEVICES" not in environment(2, "cuda", "/tmp", {})
    assert environment(2, "cuda", "/tmp", {})["OMP_NUM_THREADS"] == "2"


def test_gpus_have_the_numbers_that_nvml_gives_them():
    """CUDA's own order puts the fastest GPU first: the preflight would look at another GPU than the worker uses."""
    assert environment(2, "cuda", "/tmp", {"CUDA_DEVICE_ORDER": "FASTEST_FIRST"})["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


def test_a_worker_hashes_by_the_seed_that_it_is_given():
    """And else as whoever starts it does."""
    assert environment(1, "cpu", "/tmp", {}, hash_seed=7)["PYTHONHASHSEED"] == "7"
    assert "PYTHONHASHSEED" not in environment(1, "cpu", "/tmp", {})
    assert environment(1, "cpu", "/tmp", {"PYTHONHASHSEED": "3"})["PYTHONHASHSEED"] == "3"
