"""Tests that load frameworks, in processes of their own: a process with JAX may not fork, as tests of processes do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["allocator_peaks.py", "cuda_settings.py"])
def test_the_file_passes(name):
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(HERE / name)]
    alone = {key: text for key, text in os.environ.items() if not key.startswith("PYTEST_")}
    ran = subprocess.run(command, cwd=HERE.parents[1], env=alone, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
