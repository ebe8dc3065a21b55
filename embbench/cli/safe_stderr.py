"""A stderr that may get lost without ending anything."""

import contextlib
import os
from typing import Any, TextIO


class Unfailing:
    """Writes to `stream` until that fails (nobody reads the pipe, the terminal is closed); then takes all in silence.

    Progress and warnings are not what a run of hours is for.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            self._lose()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._lose()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _lose(self) -> None:
        with contextlib.suppress(OSError):  # a stream without a file
            discard(self._stream.fileno())


def discard(file: int) -> None:
    """Sends what is still buffered for an open file to nowhere, where Python would complain about it at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file)
    os.close(nowhere)
