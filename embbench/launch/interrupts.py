"""Turns Ctrl-C, SIGTERM and a closed terminal into a flag and a readable file instead of an exception.

An exception could come anywhere: between a fork and the note of its process id, or inside a write. A flag is read where
stopping is safe.
"""

import contextlib
import os
import select
import signal
import time
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """A context manager; use it in the main thread. Signals that the caller of the process ignores stay ignored."""

    def __init__(self) -> None:
        self.name = ""
        self._previous: dict[int, Any] = {}
        self._wakeup = -1
        self._read = self._write = -1

    def __enter__(self) -> Self:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
        self._wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        """Becomes readable when a signal arrives; for a selector."""
        return self._read

    def __bool__(self) -> bool:
        """Whether to stop."""
        self._drain()
        return bool(self.name)

    def wait(self, seconds: float) -> bool:
        """Whether to stop, at the latest after `seconds`."""
        until = time.monotonic() + seconds
        while not self and (left := until - time.monotonic()) > 0:
            select.select([self], [], [], left)
        return bool(self)

    def _drain(self) -> None:
        """Other signals (a child's end, a resized window) wake the selector too; their bytes are dropped."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 512):
                pass

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.name = signal.Signals(number).name


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write
