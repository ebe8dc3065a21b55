"""Text files of the operating system."""

from pathlib import Path


def read_text(path: Path) -> str:
    """The text of a system file; '' if the file does not exist or cannot be read."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
