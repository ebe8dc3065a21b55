"""A small share of `python -m tests.bench.fuzz`: other inputs than those that its figures are of."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("part", "count"), [("commands", 120), ("files", 200), ("faults", 6)])
def test_a_share_of_the_fuzz_finds_nothing(part, count, request):
    count = count if request.config.getoption("all_pairs") else count // 6
    counts = {name: str(count if name == part else 0) for name in ("commands", "files", "faults")}
    arguments = [word for name, number in counts.items() for word in (f"--{name}", number)]
    command = [sys.executable, "-m", "tests.bench.fuzz", "--seed", "1", *arguments]
    ran = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{part}: {count} inputs, 0 failures" in ran.stdout
