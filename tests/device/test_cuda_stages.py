"""The stages of cuda.sh, with a made-up interpreter: what they ask for, what is not run again, and the exit code."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "cuda.sh"
STAGES = ["machine", "audits", "scaling", "memory", "frameworks", "ranks", "explain", "streams", "selftest"]
# Notes its arguments, and fails where they contain the word in the file `fails`.
INTERPRETER = """#!/bin/bash
echo "$*" >> asked
if [ -s fails ] && [[ "$*" == *"$(cat fails)"* ]]; then exit 7; fi
"""

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="no bash")


@pytest.fixture
def project(tmp_path):
    """A folder with the script, and with the interpreter beside it."""
    place = tmp_path / "tests" / "device"
    place.mkdir(parents=True)
    shutil.copy(SCRIPT, place)
    (tmp_path / "python").write_text(INTERPRETER)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def run(project, *stages):
    """The exit code, and the lines that the interpreter was asked for."""
    (project / "asked").write_text("")
    told = {**os.environ, "PYTHON": str(project / "python"), "OUT": str(project / "out"), "DEVICE": "cuda"}
    ran = subprocess.run(["bash", "tests/device/cuda.sh", *stages], cwd=project, env=told, capture_output=True)
    return ran.returncode, (project / "asked").read_text().splitlines()


def test_a_stage_that_passed_is_not_run_again_and_one_that_failed_is(project):
    (project / "fails").write_text("--suite explain")
    code, asked = run(project)
    assert code == 7
    printed = {path.stem: path.read_text().splitlines()[-1] for path in (project / "out").glob("*.txt")}
    assert sorted(printed) == sorted(STAGES)
    codes = {stage: line.split(" after ")[0] for stage, line in printed.items()}
    assert codes == {stage: f"stage {stage}: exit code {7 if stage == 'explain' else 0}" for stage in STAGES}
    assert sum("--device cuda" in line for line in asked) == 8
    (project / "fails").write_text("")
    code, asked = run(project)
    assert code == 0
    assert [line.partition("--suite ")[2].split()[0] for line in asked if "--suite" in line] == ["explain"]
    assert len(asked) == 2  # the measurement, and its page of text
    assert run(project) == (0, [])


def test_single_stages(project):
    code, asked = run(project, "streams")
    assert code == 0
    assert len(asked) == 1
    assert run(project, "streems") == (2, [])
