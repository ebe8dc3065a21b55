"""A fault of embbench itself under pytest: exit code 70 and a line on stderr, and no traceback."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
title = "small"
[axes]
contender = "numpy"
vocab = 300
dim = 4
hidden = 4
batch = 4
seq = 4
threads = 1

[protocol]
rounds = 1
"""
BROKEN = """
from embbench.pytest_plugin import {module}

def broken(*arguments, **named):
    raise ZeroDivisionError("planted\\x1b[31m")

{module}.{name} = broken
"""


@pytest.mark.parametrize(
    ("module", "name"), [("collect", "replay_rounds"), ("collect", "make_plan"), ("measuring", "carry_out")]
)
def test_a_fault_of_ours_ends_pytest_with_70(tmp_path, module, name):
    (tmp_path / "conftest.py").write_text(BROKEN.format(module=module, name=name))
    (tmp_path / "small.toml").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "small.toml"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 70, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    line = ran.stderr.splitlines()[-1]  # before it, another embbench may be waited for
    trace = Path(re.search(r"its trace is in (\S+);", line)[1])
    assert "ZeroDivisionError: planted" in line
    assert "in broken" in trace.read_text()
    trace.unlink()
