"""The stages of cuda.sh, with a made-up interpreter: what they ask for, what is not run again, and the exit code."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "cuda.sh"
STAGES = ["machine", "audits", "scaling", "memory", "frameworks", "graph", "table", "ranks", "explain", "streams"]
STAGES += ["selftest"]
# Notes its name and arguments, and fails where they contain the word in the file `fails`.
INTERPRETER = """#!/bin/bash
echo "${0##*/} $*" >> asked
if [ -s fails ] && [[ "$*" == *"$(cat fails)"* ]]; then exit 7; fi
"""

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="no bash")


@pytest.fixture
def project(tmp_path):
    """A folder with the script, interpreters beside it, and ceilings of a GPU."""
    place = tmp_path / "tests" / "device"
    place.mkdir(parents=True)
    shutil.copy(SCRIPT, place)
    for name in ("python", "of_torch", "of_jax"):
        (tmp_path / name).write_text(INTERPRETER)
        (tmp_path / name).chmod(0o755)
    ceilings = tmp_path / "results" / "ceilings"
    ceilings.mkdir(parents=True)
    for device in ("cpu", "cuda"):
        (ceilings / f"1-2-{device}-16.json").write_text(device)
    return tmp_path


def run(project, *stages, **variables):
    """The exit code, and the lines that the interpreters were asked for."""
    (project / "asked").write_text("")
    told = {**os.environ, "PYTHON": f"{project}/python", "OUT": f"{project}/out", "DEVICE": "cuda", **variables}
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
    assert [
        line for line in asked if "--device cuda" not in line and " doctor" not in line and " report" not in line
    ] == [line for line in asked if " explain " in line and "--details" in line]
    assert [path.name for path in (project / "out").glob("*.json")] == ["1-2-cuda-16.json"]
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


def test_audits_are_done_in_each_interpreter_and_the_gate_in_the_one_with_torch(project):
    told = f"torch=./of_torch,jax={project}/of_jax,keras_jax={project}/of_jax"
    code, asked = run(project, "audits", "selftest", PYTHONS=told)
    assert code == 0
    assert sorted(line.split()[0] for line in asked[:3]) == ["of_jax", "of_torch", "python"]
    graph, gate = asked[3:]
    assert graph.startswith("of_torch -m pytest")
    assert graph.endswith("--all-pairs -k pytorch_graph")
    assert gate.startswith("of_torch ")
    assert "selftest --contender pytorch" in gate
