"""PyTorch tables in bfloat16: what they hold, and that they go."""

import subprocess
import sys
import textwrap

import pytest

from embbench.cases.case import make_case
from embbench.contenders import discover, missing_packages
from embbench.launch.preflight import how_to_install

MISSING = missing_packages(discover()["pytorch"])

PROGRAM = """
import numpy, sys, torch, weakref
from pathlib import Path
from embbench.contenders import HERE, load, read
from embbench.cases.case import make_case
from embbench.workloads import draw_tokens

torch.set_num_threads(1)
case = make_case({"vocab": 500, "dim": 8, "hidden": 8, "batch": 4, "seq": 6, "threads": 1, "update": sys.argv[1]})
trial = load(read(HERE / "pytorch.py")).prepare(case, draw_tokens(case, 64))
for _ in range(3):
    trial.step()
weight = trial.table.embedding.weight
inside = trial.inspect(numpy.arange(500))
print(weight.dtype, sorted({str(state.dtype) for state in inside.states["table"].values()}), weight.grad is None)
if "master" in inside.states["table"]:
    print(bool((trial.read_rows(numpy.arange(500)) != inside.states["table"]["master"]).any()))
    print(numpy.array_equal(trial.read_rows(numpy.arange(500)), trial.table.master.bfloat16().float().detach().numpy()))
left = weakref.ref(trial.table)
del trial, weight
print(left() is None)
"""


@pytest.mark.skipif(bool(MISSING), reason=how_to_install(MISSING))
@pytest.mark.parametrize(
    ("update", "told"),
    [
        ("bfloat16", "torch.bfloat16 ['float32'] False\nTrue\n"),
        ("bfloat16_master", "torch.bfloat16 ['float32'] True\nTrue\nTrue\nTrue\n"),
        ("compact_bfloat16", "torch.bfloat16 ['float32'] True\nTrue\n"),
    ],
)
def test_the_table_is_bfloat16_shows_float32_and_goes_with_its_trial(update, told):
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), update]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == told


@pytest.mark.parametrize("update", ["bfloat16", "bfloat16_master", "compact_bfloat16"])
def test_each_says_what_a_user_changes_and_how_the_table_is_kept(update):
    declared = discover()["pytorch"].declaration
    assert "bfloat16" in declared.changes[update]
    path = declared.path(make_case({"update": update}))
    assert path.precision.table == "bfloat16"
    assert path.precision.master == (update == "bfloat16_master")
    assert path.itemsize(make_case({"update": update})) == 2
