"""Real lacks of memory in real workers: each framework's own error becomes a row that says what was asked for."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.contenders import discover, missing_packages
from embbench.launch.process import environment
from embbench.store.exchange import Answer, Request
from embbench.store.round import Round
from tests.fakes import fake

KNOWN = discover()
# More bytes than an address has on any CPU of today: refused at once, whatever the kernel promises.
TABLE = {"vocab": 10**12, "dim": 1000}
SMALL = {"tokens": "uniform", "hidden": 8, "batch": 4, "seq": 6, "threads": 1, "update": "default"}
MORE = "2 ** 60"


def measure(tmp_path: Path, contender: str, path: str, **axes: object) -> Round:
    case = make_case({**SMALL, "contender": contender, **axes})
    request = Request(
        run="r", suite="s", case=case, round=0, protocol=Protocol(budget=0.01, warmup=0.01), contender=path
    )
    ran = subprocess.run(
        [sys.executable, "-m", "embbench.worker"],  # not -P: it finds the fakes here
        input=msgspec.json.encode(request) + b"\n",
        env=environment(1, case.device, str(tmp_path)),
        capture_output=True,
    )
    assert ran.stdout, ran.stderr.decode()
    return msgspec.json.decode(ran.stdout.splitlines()[-1], type=Answer).round


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("numpy", "3.55 PiB for an array with shape (1000000000000, 1000)"),
        ("pytorch", "you tried to allocate 4000000000000000 bytes"),
        ("jax_optax", "Out of memory allocating 4000000000000000 bytes"),
        ("fbgemm", "you tried to allocate 4000000000000000 bytes"),
        ("keras_torch", "you tried to allocate"),
        ("keras_jax", "Out of memory allocating"),
    ],
)
def test_a_table_beyond_any_memory_is_a_row_with_its_size(tmp_path, name, asked):
    contender = KNOWN[name]
    if missing := missing_packages(contender):
        pytest.skip(f"not installed: {missing}")
    round_ = measure(tmp_path, name, contender.path, **TABLE, optimizer="sgd")
    assert round_.status == "oom_host"
    assert asked in round_.reason
    assert round_.conditions["phase"] == "build"
    assert round_.metrics["theoretical_peak"].values[0] >= 4e15


OWN = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
{imported}
from tests.fakes.fake import FakeTrial
DECLARES = {declares}

class Trial(FakeTrial):
    def step(self):
        {asks}
        super().step()

def prepare(case, tokens):
    return Trial(case, tokens)
"""


@pytest.mark.parametrize(
    ("package", "imported", "asks", "asked"),
    [
        ("numpy", "import numpy", f"numpy.ones({MORE}, 'int8')", "Unable to allocate 1.00 EiB for an array with shape"),
        ("torch", "import torch", f"torch.ones({MORE})", "you tried to allocate 4611686018427387904 bytes"),
        ("jax", "import jax.numpy as jnp", f"jnp.ones({MORE}).block_until_ready()", "4611686018427387904 bytes"),
        ("tensorflow", "import tensorflow as tf", f"tf.ones({MORE})", "OOM when allocating tensor with shape["),
        (
            "tensorflow",
            "import tensorflow as tf",
            f"tf.function(tf.ones, autograph=False)(tf.constant([{MORE}]))",
            "OOM when allocating tensor with shape[1152921504606846976]",
        ),
    ],
)
def test_a_step_that_asks_for_more_is_a_row_with_what_it_asked_for(tmp_path, package, imported, asks, asked):
    pytest.importorskip(package)
    path = tmp_path / "mine.py"
    path.write_text(OWN.format(declares=fake.DECLARES, imported=imported, asks=asks))
    round_ = measure(tmp_path, "mine", str(path), vocab=100, dim=8)
    assert round_.status == "oom_host", round_.reason
    assert asked in round_.reason
    assert round_.conditions["phase"] == "first step"
    assert {"import_time", "build_time", "host_build_peak"} <= round_.metrics.keys()


# Errors that only a GPU raises, by the frameworks' own classes.
ON_GPU = {
    "torch": "torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 3.73 GiB. GPU 0 has a total')",
    "jax": "jax.errors.JaxRuntimeError('RESOURCE_EXHAUSTED: Out of memory while trying to allocate 400 bytes.')",
    "tensorflow": "tensorflow.errors.ResourceExhaustedError(None, None, 'OOM when allocating tensor with shape[9] and "
    "type float on /device:GPU:0 by allocator GPU_0_bfc')",
}


@pytest.mark.parametrize("package", ON_GPU)
def test_the_same_of_a_gpu_is_the_devices_memory(tmp_path, package):
    pytest.importorskip(package)
    path = tmp_path / "mine.py"
    path.write_text(OWN.format(declares=fake.DECLARES, imported=f"import {package}", asks=f"raise {ON_GPU[package]}"))
    round_ = measure(tmp_path, "mine", str(path), vocab=100, dim=8, device="cuda")
    assert round_.status == "oom_device", round_.reason
    assert "allocat" in round_.reason
