"""The commit of the user's project."""

import subprocess

LONGEST = 5.0  # seconds of git
CHANGED = "+changes"  # after the commit, where tracked files differ from it


def commit_here() -> str:
    """The commit of the git repository of the working folder, as 12 digits; '' without a repository or git."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit}{CHANGED if changed else ''}"


def _git(*words: str) -> str:
    command = ["git", "--no-optional-locks", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=True)
    return done.stdout.strip()
