"""Why a contender cannot use a GPU, from made-up installations, and pip's answer to the extras for CUDA."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.contenders import _cuda, discover
from embbench.contenders._cuda import NO_DEVICE, cuda_lack

KNOWN = discover()
ROOT = Path(__file__).parents[2]
EXTRAS = {
    "torch-cuda": {"torch"},
    "jax-cuda": {"jax", "jaxlib", "jax-cuda13-plugin", "nvidia-cudnn-cu13", "optax"},
    "tensorflow-cuda": {"tensorflow", "nvidia-cudnn-cu12", "keras"},
    "fbgemm-cuda": {"fbgemm-gpu", "torch"},
    "cuda": {"torch", "jax-cuda13-plugin", "tensorflow", "nvidia-cudnn-cu12", "fbgemm-gpu"},
}


@pytest.fixture
def having(monkeypatch):
    """Installs made-up versions."""

    def install(**versions):
        there = {name.replace("_", "-"): version for name, version in versions.items()}
        found = {"installed": lambda need: next(((n, there[n]) for n in need.split("|") if n in there), (need, None))}
        monkeypatch.setattr(_cuda, "installed", found["installed"])

    return install


def lack(name, devices=1):
    return cuda_lack(KNOWN[name].declaration, devices)


def test_builds_for_cuda_lack_nothing_where_a_gpu_is(having):
    having(torch="2.13.0", jax="0.10.2", jax_cuda12_plugin="0.10.2", tensorflow="2.21.0", nvidia_cudnn_cu12="9")
    for name in ("pytorch", "jax_optax", "keras_tf", "tf_function", "ddp"):
        assert lack(name) == ("", "")
        assert lack(name, devices=0) == (NO_DEVICE, "")


def test_a_build_for_the_cpu_is_named_with_what_replaces_it(having):
    having(torch="2.13.0+cpu", fbgemm_gpu_cpu="1.8.0")
    reason, command = lack("pytorch")
    assert reason == "torch 2.13.0+cpu has no CUDA"
    assert command == "pip uninstall -y torch && pip install 'torch<2.16,>=2.11'"
    reason, command = lack("fbgemm")
    assert reason == "torch 2.13.0+cpu has no CUDA; fbgemm-gpu-cpu 1.8.0 has no CUDA"
    assert command.endswith("pip uninstall -y fbgemm-gpu-cpu && pip install 'fbgemm-gpu<1.9,>=1.8' 'torch<2.14,>=2.13'")


def test_a_missing_plugin_is_named(having):
    having(jax="0.10.2")
    reason, command = lack("jax_optax")
    assert reason == "jax-cuda13-plugin or jax-cuda12-plugin is not installed"
    assert "jax[cuda13]" in command


def test_tensorflow_for_the_cpu_beside_the_other_stands_in_the_way(having):
    having(tensorflow="2.21.0", tensorflow_cpu="2.21.0", nvidia_cudnn_cu12="9")
    reason, command = lack("keras_tf")
    assert reason == "tensorflow-cpu 2.21.0 has no CUDA"
    assert command.startswith("pip uninstall -y tensorflow-cpu && pip install ")


def test_a_contender_without_a_way_to_a_gpu_says_so(having):
    having()
    assert lack("numpy") == ("this contender has no way to a GPU", "")


@pytest.mark.parametrize("extra", EXTRAS)
def test_pip_finds_versions_that_go_together(extra):
    """Nothing is installed. pip reads metadata only, without the archives of gigabytes."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    told = subprocess.run([*command, f"{ROOT}[{extra}]"], capture_output=True, text=True, check=False, timeout=300)
    if told.returncode and "connection" in told.stderr.lower():
        pytest.skip("no package index can be reached")
    assert told.returncode == 0, told.stderr
    chosen = {each["metadata"]["name"].lower().replace("_", "-") for each in json.loads(told.stdout)["install"]}
    assert chosen >= EXTRAS[extra]
