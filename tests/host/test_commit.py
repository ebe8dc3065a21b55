"""The commit of the working folder."""

import subprocess

from embbench.host.commit import CHANGED, commit_here


def git(folder, *words) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_the_commit_and_whether_files_differ_from_it(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit_here() == ""
    git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text("x = 1\n")
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "-q", "-m", "first")
    commit = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert commit_here() == commit
    (tmp_path / "notes.txt").write_text("not tracked")
    assert commit_here() == commit
    (tmp_path / "train.py").write_text("x = 2\n")
    assert commit_here() == f"{commit}{CHANGED}"


def test_without_git_there_is_no_commit(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_here() == ""
