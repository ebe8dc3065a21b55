"""Optimizers that a diff adds beside a user's own file, so they import nothing but PyTorch."""

from pathlib import Path

from embbench.engines.own_patch import NewFile


def new_file(name: str) -> NewFile:
    """A file of this folder."""
    path = Path(__file__).with_name(name)
    return NewFile(name, path.read_text(encoding="utf-8"))
