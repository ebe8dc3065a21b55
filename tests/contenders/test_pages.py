"""Runtimes at work: the same contender in other memory, each in a process that is started as the launcher starts it."""

import functools
import json
import subprocess
import sys

import pytest

from embbench.contenders import discover, missing_packages
from embbench.host.libc import c_library
from embbench.launch.process import environment
from embbench.launch.runtime_needs import lacking

SCRIPT = """
import json, sys
import msgspec
from embbench.contenders import discover, load
from embbench.host.load import read_load
from embbench.host.memory import huge_bytes
from embbench.cases.case import make_case
from embbench.worker.runtime import about_runtime, check_runtime
from embbench.workloads import draw_tokens

name, runtime = sys.argv[1:]
check_runtime(runtime)
module = load(discover()[name])
small = {"hidden": 8, "batch": 4, "seq": 4, "threads": 1}
case = make_case({"contender": name, "runtime": runtime, "vocab": 200_000, "dim": 64, **small})
trial = module.prepare(case, draw_tokens(case, 2))
faults = []
for _ in range(12):
    before = read_load().faults
    trial.step()
    trial.sync()
    faults.append((read_load().faults - before) * 4096 / case.table_bytes)
ran = about_runtime(case).ran
print(json.dumps({"ran": ran, "huge": huge_bytes() / case.table_bytes, "least": min(faults)}))
"""
GLIBC = c_library() is not None
CONTENDERS = ("pytorch", "numpy", "jax_optax")
MAKES_NEW = ("pytorch", "numpy")  # arrays as large as the table in each step; JAX's are donated, but for the gradient


@pytest.fixture(scope="module")
def told_by(tmp_path_factory):
    """What a process of a contender in a runtime says; two tests of the same process share it."""

    @functools.cache
    def run(name, runtime):
        if missing_packages(discover()[name]):
            pytest.skip(f"{name} is not installed")
        told = environment(1, "cpu", str(tmp_path_factory.mktemp(name)), runtime=runtime)
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, name, runtime], capture_output=True, text=True, check=True, env=told
        )
        return json.loads(done.stdout)

    return run


@pytest.mark.skipif(lacking("hugepages") != "", reason=lacking("hugepages"))
@pytest.mark.parametrize("name", CONTENDERS)
def test_table_and_optimizer_lie_in_huge_pages(name, told_by):
    told = told_by(name, "hugepages")
    assert told["ran"] == {"environment": "GLIBC_TUNABLES=glibc.malloc.hugetlb=1", "pages": "huge"}
    assert told["huge"] > 2.5  # the table and Adam's two moments, less what fills no page


@pytest.mark.skipif(not GLIBC, reason="not glibc")
def test_by_itself_pytorch_has_ordinary_pages(told_by):
    told = told_by("pytorch", "system")
    assert told["ran"] == {}
    assert told["huge"] < 0.5


@pytest.mark.skipif(not GLIBC, reason="not glibc")
@pytest.mark.parametrize("name", MAKES_NEW)
def test_memory_that_is_kept_comes_again_without_page_faults(name, told_by):
    """Below 32 MB glibc keeps an array by itself. NumPy's arrays come in huge pages, a fault each."""
    assert told_by(name, "system")["least"] > {"pytorch": 1, "numpy": 0.02}[name]
    told = told_by(name, "retained")
    assert told["ran"] == {"environment": "MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1"}
    assert told["least"] < 0.01
