"""A stderr whose loss ends nothing."""

import contextlib
import os
from typing import Any, TextIO


class Unfailing:
    """Writes to `stream` until writing fails (closed pipe, closed terminal); then it drops all text in silence.

    A run of hours must not end for a lost progress line.
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
    """Drops the buffered text of an open file, so that Python does not complain at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file)
    os.close(nowhere)
