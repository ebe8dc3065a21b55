"""The CI jobs of suites/README.md: their shell steps run as they stand, with the variables of GitHub and GitLab."""

import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest
import yaml

from embbench.contenders import discover
from tests.readme import PAGES, ROOT

TEXT = PAGES["suites/README.md"]
GITHUB, COMMENT, SITE, GITLAB = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.S))
SUITE = re.findall(r"```toml\n(.*?)```", TEXT, re.S)[0]
SMALL = SUITE.replace('vocab = "200k"', 'vocab = "2k"\ndim = 8\nhidden = 4\nbatch = 4\nseq = 4').replace(
    'host_peak = "1%"',
    'host_peak = "10%"',  # the memory of so small a process scatters by 1 %
)
SLOWER = """

class Slower(NumpyTrial):
    def step(self) -> None:
        for _ in range(200_000):
            pass
        super().step()
"""
GH = """#!/bin/sh
echo "$@" >> gh-was-asked
case "$*" in
    *"/pulls -f"*) [ -f closed ] || printf '5\\n' ;;
    *"/artifacts --jq"*) printf '9\\n' ;;
    *"/artifacts/9/zip"*) cat reports.artifact ;;
    *"--paginate"*) [ -f known ] && printf '17\\n18\\n' ;;
    *) cat comment.md > gh-was-given ;;
esac
exit 0
"""
UNZIP = """#!/usr/bin/env python3
import sys, zipfile
assert sys.argv[1] == "-p"
sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[2]).read(sys.argv[3]))
"""


def git(place, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    return subprocess.run(["git", *identity, *arguments], cwd=place, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def project(tmp_path):
    """A repository with a contender and its suite, a second commit that makes it slower, and what CI has installed."""
    place = tmp_path / "project"
    (place / "bench").mkdir(parents=True)
    model = place / "bench" / "model.py"
    model.write_text(Path(discover()["numpy"].path).read_text(encoding="utf-8"), encoding="utf-8")
    (place / "bench" / "gate.toml").write_text(SMALL, encoding="utf-8")
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "base")
    text = model.read_text(encoding="utf-8")
    assert text.count("return NumpyTrial(") == 1
    model.write_text(text.replace("return NumpyTrial(", "return Slower(") + SLOWER, encoding="utf-8")
    git(place, "commit", "-q", "-a", "-m", "head")
    programs = place / ".venv" / "bin"
    programs.mkdir(parents=True)
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from embbench.cli import main;"
        "from embbench.ab import session; session.TURNS['budget'] = 0.5;"  # seconds: no precise ratio is needed
        "sys.exit(main())"
    )
    _program(programs / "embbench", f'#!/bin/sh\nexec {sys.executable} -c {shlex.quote(script)} "$@"\n')
    _program(tmp_path / "bin" / "gh", GH)
    _program(tmp_path / "bin" / "unzip", UNZIP)
    return place


def _program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def run(place, script, **variables):
    path = f"{place.parent / 'bin'}:{os.environ['PATH']}"
    told = {**os.environ, "PATH": path, **{name: str(value) for name, value in variables.items()}}
    return subprocess.run(["bash", "-e", "-c", script], cwd=place, env=told, capture_output=True, text=True)


def test_the_github_workflow_fails_a_slower_head(project):
    steps = {step["name"]: step for step in GITHUB["jobs"]["gate"]["steps"] if "name" in step}
    assert set(steps) == {"Install", "Gate"}
    assert "github.event.pull_request.base.sha" in steps["Gate"]["env"]["BASE"]
    summary = project / "step-summary.md"
    job = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary}
    ran = run(project, steps["Gate"]["run"], BASE=git(project, "rev-parse", "HEAD~1").strip(), **job)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "::error title=" in ran.stderr
    assert "regression" in summary.read_text(encoding="utf-8")
    marker = (project / "reports" / "comment.md").read_text(encoding="utf-8").splitlines()[0]
    assert f"marker='{marker}'\n" in comment_step()["run"]


def comment_step():
    (step,) = COMMENT["jobs"]["comment"]["steps"]
    return step


def test_code_of_a_pull_request_never_meets_a_token_that_can_write():
    assert GITHUB["permissions"] == {"contents": "read"}
    assert "permissions" not in GITHUB["jobs"]["gate"]
    checkout, *others = GITHUB["jobs"]["gate"]["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    assert checkout["with"]["persist-credentials"] is False
    assert not any("github.token" in str(step) or "secrets." in str(step) for step in others)
    assert COMMENT[True] == {"workflow_run": {"workflows": [GITHUB["name"]], "types": ["completed"]}}  # YAML's `on`
    step = comment_step()
    assert set(step) == {"name", "run", "env"}  # nothing is checked out
    assert "${{" not in step["run"]  # a branch's name is no part of a script
    assert all(value.startswith("${{ github.") for value in step["env"].values())


EVENT = {"REPO": "o/r", "RUN": 3, "SHA": "abc", "OWNER": "fork", "BRANCH": "$(touch broken)", "GH_TOKEN": "x"}
BODY = "<!-- embbench gate: gate -->\n### embbench gate gate failed\n"


def leave(project, body):
    with zipfile.ZipFile(project / "reports.artifact", "w") as file:
        file.writestr("comment.md", body)
        file.writestr("../evil.sh", "touch broken")


@pytest.mark.parametrize(
    ("known", "asked"),
    [(False, "api repos/o/r/issues/5/comments -F"), (True, "-X PATCH repos/o/r/issues/comments/17 -F")],
)
def test_the_second_workflow_comments_once(project, known, asked):
    leave(project, BODY)
    if known:
        (project / "known").touch()
    ran = run(project, comment_step()["run"], **EVENT)
    assert ran.returncode == 0, ran.stderr
    told = (project / "gh-was-asked").read_text().splitlines()
    assert asked in told[-1]
    assert 'select(.head.sha == "abc")' in told[0]
    assert "head=fork:$(touch broken)" in told[0]
    assert (project / "gh-was-given").read_text(encoding="utf-8") == BODY
    assert not (project / "broken").exists()
    assert not (project.parent / "evil.sh").exists()


@pytest.mark.parametrize(("body", "code"), [("anything else\n", 1), ("", 1)])
def test_what_is_no_comment_of_a_gate_is_not_posted(project, body, code):
    leave(project, body)
    assert run(project, comment_step()["run"], **EVENT).returncode == code
    assert not (project / "gh-was-given").exists()


def test_a_comment_of_any_size_is_cut_to_what_github_takes(project):
    leave(project, BODY + "x" * 1_000_000)
    assert run(project, comment_step()["run"], **EVENT).returncode == 0
    assert len((project / "gh-was-given").read_text(encoding="utf-8")) == 65_536


def test_no_open_pull_request_of_that_commit_no_comment(project):
    leave(project, BODY)
    (project / "closed").touch()
    assert run(project, comment_step()["run"], **EVENT).returncode == 0
    assert not (project / "gh-was-given").exists()


def test_the_gitlab_job_passes_an_unchanged_head_and_leaves_junit(project):
    git(project, "checkout", "-q", "HEAD~1")
    suite = project / "bench" / "gate.toml"  # memory alone, so that the verdict does not hang on this machine's noise
    suite.write_text(SMALL.replace('step_time = "5%"\nhost_peak = "1%"', 'host_peak = "50%"'), encoding="utf-8")
    job = GITLAB["embbench"]
    head = git(project, "rev-parse", "HEAD").strip()
    ran = run(project, "\n".join(job["script"]), CI_MERGE_REQUEST_DIFF_BASE_SHA=head)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (suite,) = [job["artifacts"]["reports"]["junit"]]
    assert ElementTree.parse(project / suite).getroot().get("failures") == "0"


def test_what_they_install_is_this_package():
    for line in (GITHUB["jobs"]["gate"]["steps"][1]["run"], GITLAB["embbench"]["before_script"][0]):
        assert ".venv/bin/pip install" in line
        assert "embbench[torch]" in line


def test_the_pages_job_writes_what_it_uploads(project):
    """Without its installation: the environment is there already."""
    (project / "results").mkdir()
    (project / "results" / "a.jsonl").write_bytes((ROOT / "results" / "embedding-scaling.jsonl").read_bytes())
    steps = {step["name"]: step for step in SITE["jobs"]["pages"]["steps"] if "name" in step}
    lines = [line for line in steps["Pages"]["run"].splitlines() if "venv -" not in line and "pip" not in line]
    ran = run(project, "\n".join(lines))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (folder,) = [step["with"]["path"] for step in SITE["jobs"]["pages"]["steps"] if "upload" in step.get("uses", "")]
    assert (project / folder / "index.html").is_file()
