"""The output of a process, read while a fault strikes it."""

import os
import select
import subprocess
import threading

GONE = 15.0  # seconds after the end of a command within which all of its processes must end


class Said:
    """The output of a process. A thread reads each pipe until the pipe ends or reading is stopped."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self._data = bytearray()
        self._ends: dict[str, tuple[int, int]] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Said":
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(GONE)
        for read, write in self._ends.values():
            os.close(read)
            os.close(write)

    def listen(self, process: subprocess.Popen) -> None:
        for name in ("stdout", "stderr"):
            self._ends[name] = os.pipe()
            self._threads.append(threading.Thread(target=self._read, args=(getattr(process, name), name), daemon=True))
            self._threads[-1].start()

    def stop(self, name: str) -> None:
        """Stops reading: closes this end of 'stdout' or 'stderr'."""
        os.write(self._ends[name][1], b"x")

    @property
    def text(self) -> str:
        return self._data.decode("utf-8", "replace")

    def _read(self, pipe, name: str) -> None:
        stop = self._ends[name][0]
        with pipe:
            while True:
                ready, _, _ = select.select([pipe, stop], [], [])
                data = b"" if stop in ready else os.read(pipe.fileno(), 65536)
                if not data:
                    return
                if name == "stderr":
                    self._data += data
                    self.begun.set()
