"""A worker process and the group it leads: started, read from, and ended whole."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import psutil

from embbench.spec.runtimes import RUNTIMES, SYSTEM

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
)
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
CHUNK = 1 << 16


def environment(
    threads: int,
    device: str,
    temporary: str,
    base: Mapping[str, str] | None = None,
    hash_seed: int | None = None,
    runtime: str = SYSTEM,
) -> dict[str, str]:
    """The environment of a worker: `base` (this process's own) with every thread pool set to `threads`, `temporary` for
    its temporary files, and the GPUs hidden where the case runs without: several frameworks would use one, or take its
    memory, unasked. hash_seed: of Python's `hash`, where several workers share one (see `Request`). runtime: whose
    variables are set.
    """
    told = {**dict.fromkeys(THREAD_VARIABLES, str(threads)), "TMPDIR": temporary, **RUNTIMES[runtime].variables}
    told |= {} if hash_seed is None else {"PYTHONHASHSEED": str(hash_seed)}
    told |= {"CUDA_VISIBLE_DEVICES": "-1"} if device == "cpu" else {}
    return {**(os.environ if base is None else base), **told}


class WorkerProcess:
    """Leads a process group of its own, so that a terminal's Ctrl-C reaches the parent only, and so that whatever it
    starts can be ended with it. It is killed when the parent dies, even by SIGKILL (on Linux).

    exit_file: readable once the process has ended, without reaping it; None where the system has no such thing.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdin = self._process.stdin
        self._code: int | None = None
        self.stdout, self.stderr = self._process.stdout.fileno(), self._process.stderr.fileno()
        os.set_blocking(self.stdout, False)
        os.set_blocking(self.stderr, False)
        self.exit_file = _exit_file(self._process.pid)

    def tell(self, message: bytes) -> None:
        """Writes a line to stdin. A worker that died at once is noticed later, by its silence."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(message + b"\n")
            self._stdin.flush()

    def tell_no_more(self) -> None:
        """Ends stdin."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()

    def pause(self) -> None:
        """Stops the whole group where it is: a worker that waits may still have threads that spin."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def wait(self, seconds: float) -> bool:
        """Whether the process ends within `seconds` by itself."""
        if self.exit_file is not None:
            return bool(select.select([self.exit_file], [], [], seconds)[0])
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, grace: float) -> int:
        """Ends the whole group: SIGTERM, after `grace` seconds SIGKILL. The exit code, negative for a signal.

        What the process wrote can still be read.
        """
        if self._code is None:  # once reaped, its number may be another process's
            others = self._descendants()
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)  # one that is paused would not see it
            self.wait(grace)
            self._signal(signal.SIGKILL)
            for each in others:
                with contextlib.suppress(psutil.Error):  # it ended
                    each.kill()
            self._code = self._process.wait()
        return self._code

    def close(self) -> None:
        """Ends what is left of the group and closes all files."""
        self.end(0.0)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        if self.exit_file is not None:
            os.close(self.exit_file)
            self.exit_file = None

    def _descendants(self) -> list[psutil.Process]:
        """Those that left the group too, which no signal to it reaches. Of a worker that has ended by itself there are
        none to be found: it ends them before.
        """
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.Error:
            return []

    def _signal(self, number: int) -> None:
        # The group outlives its leader while a child of it runs. macOS refuses a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def read_available(file: int) -> bytes | None:
    """What can be read now without waiting; None at the end."""
    try:
        return os.read(file, CHUNK) or None
    except BlockingIOError:
        return b""


def _exit_file(process: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process)
    except OSError:  # a kernel older than 5.3, or a sandbox
        return None


def die_with_parent() -> Callable[[], None] | None:
    """What a child does before its program starts, so that it is killed when the thread that started it ends; None
    where the system has no such thing.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it was asked
            os._exit(1)

    return ask
