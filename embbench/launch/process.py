"""A worker process and its process group: started, read from, and ended as a whole."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import psutil

from embbench.cases.runtimes import RUNTIMES, SYSTEM

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
    """The environment of a worker. base: the variables to start from; None for this process's own. Every thread pool is
    set to `threads`, and `temporary` is the folder of temporary files. GPUs are hidden from a case on the CPU, since
    several frameworks would use a GPU or take its memory anyway. GPUs count as on the bus, as in `host.devices`: CUDA's
    own order puts the fastest GPU first. hash_seed: of Python's `hash`, if workers share it
    (see `Request`). runtime: the runtime whose variables are set.
    """
    variables = {**dict.fromkeys(THREAD_VARIABLES, str(threads)), "TMPDIR": temporary, **RUNTIMES[runtime].variables}
    variables |= {} if hash_seed is None else {"PYTHONHASHSEED": str(hash_seed)}
    variables |= {"CUDA_VISIBLE_DEVICES": "-1"} if device == "cpu" else {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    return {**(os.environ if base is None else base), **variables}


class WorkerProcess:
    """A process that leads its own process group. So a terminal's Ctrl-C reaches the parent only, and the children of
    the process end with it. The process is killed when the parent dies, on Linux even by SIGKILL.

    exit_file: readable once the process has ended, before it is reaped; None if the system has no such file. Raises
    OSError if the process cannot be started.
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
        """Writes a line to stdin. A worker that is already dead shows later by its silence."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(message + b"\n")
            self._stdin.flush()

    def tell_no_more(self) -> None:
        """Ends stdin."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()

    def pause(self) -> None:
        """Stops the whole group: even a waiting worker may have threads that spin."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Lets a paused group run again."""
        self._signal(signal.SIGCONT)

    def wait(self, seconds: float) -> bool:
        """Waits up to `seconds`. Whether the process has ended by itself."""
        if self.exit_file is not None:
            return bool(select.select([self.exit_file], [], [], seconds)[0])
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, grace: float) -> int:
        """Ends the whole group with SIGTERM, and with SIGKILL after `grace` seconds. The exit code, negative for a
        signal. The output of the process can still be read.
        """
        if self._code is None:  # after reaping, the process id may belong to another process
            others = self._descendants()
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)  # a paused process would not see SIGTERM
            self.wait(grace)
            self._signal(signal.SIGKILL)
            for each in others:
                with contextlib.suppress(psutil.Error):  # it ended
                    each.kill()
            self._code = self._process.wait()
        return self._code

    def close(self) -> None:
        """Ends the rest of the group and closes all files."""
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
        """All descendants, including processes that left the group, which signals to the group do not reach. A worker
        that ends by itself ends its descendants first.
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
    """The bytes that can be read without waiting, b"" for none; None at the end of the file."""
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
    """A function for `preexec_fn`: the child is killed when the thread that started it ends. None if the system has no
    such feature.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent is dead already
            os._exit(1)

    return ask
