"""A Rich console that writes into text: colours only if requested, lines no wider than requested."""

import io

from rich.console import Console


def make_console(width: int, colour: bool) -> Console:
    """width: columns."""
    return Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None,
        highlight=False, emoji=False, markup=False, legacy_windows=False,
    )  # fmt: skip


def written(console: Console) -> str:
    """What was written, without spaces at the ends of lines. Ends with a newline."""
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"
