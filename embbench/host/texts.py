"""Files by which a system tells of itself."""

from pathlib import Path


def read_text(path: Path) -> str:
    """What a file of the system says; '' where the system has no such file, or does not let it be read."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
