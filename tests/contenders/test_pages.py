"""pytorch_hugepages and pytorch_retained: the program of pytorch in other memory, each in a process of its own."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

from embbench.engines.torch import device
from embbench.host.machine import huge_page_mode
from embbench.spec.contender import Unsupported

SCRIPT = """
import json, sys
from embbench.contenders import discover, load
from embbench.host.load import read_load
from embbench.host.memory import huge_bytes
from embbench.spec.case import make_case
from embbench.spec.contender import Unsupported
from embbench.workloads import draw_tokens

module = load(discover()[sys.argv[1]])
small = {"hidden": 8, "batch": 4, "seq": 4, "threads": 1}
case = make_case({"contender": sys.argv[1], "vocab": 200_000, "dim": 64, **small})
try:
    trial = module.prepare(case, draw_tokens(case, 2))
    faults = []
    for _ in range(12):
        before = read_load().faults
        trial.step()
        faults.append((read_load().faults - before) * 4096 / case.table_bytes)
    told = {"pages": trial.describe().get("pages"), "tables": huge_bytes() / case.table_bytes, "least": min(faults)}
    print(json.dumps(told))
except Unsupported as reason:
    print(json.dumps({"unsupported": str(reason)}))
"""


def told_by(name, **variables):
    command, environment = [sys.executable, "-c", SCRIPT, name], {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


def test_table_and_optimizer_lie_in_huge_pages_where_the_system_has_them():
    told = told_by("pytorch_hugepages")
    if huge_page_mode() in (None, "never"):
        assert "huge pages are off" in told["unsupported"]
    else:
        assert told["pages"] == "huge"
        assert told["tables"] > 2.5  # the table and Adam's two moments, less what fills no page


@pytest.mark.skipif(not hasattr(device.ctypes.CDLL(None), "mallopt"), reason="not glibc")
def test_memory_that_is_kept_comes_again_without_page_faults():
    assert told_by("pytorch")["least"] > 1  # table: the gradient alone; below 32 MB glibc keeps an array by itself
    assert told_by("pytorch_retained")["least"] < 0.01
    variables = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"}
    assert told_by("pytorch", **variables)["least"] < 0.01, "what users are told to set"


@pytest.mark.parametrize("mode", ["never", None])
def test_without_huge_pages_it_says_so(monkeypatch, mode):
    monkeypatch.setattr(device, "huge_page_mode", lambda: mode)
    with pytest.raises(Unsupported, match="huge pages are off"):
        device.ask_for_huge_pages()


@pytest.mark.parametrize("libc", [SimpleNamespace(), SimpleNamespace(mallopt=lambda _name, _value: 0)])
def test_without_glibc_it_says_so(monkeypatch, libc):
    monkeypatch.setattr(device.ctypes, "CDLL", lambda _name: libc)
    with pytest.raises(Unsupported, match="glibc"):
        device.keep_freed_memory()
