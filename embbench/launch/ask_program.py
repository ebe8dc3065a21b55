"""Runs a command once, for its answer and its last words. embbench did not write the program, or not its contenders."""

import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence

import msgspec

from embbench.launch.cause_of_death import name_exit
from embbench.launch.process import CHUNK, die_with_parent

MOST = 1 << 24  # last bytes of each output stream that are kept: a program may write without end


class Asked(msgspec.Struct, frozen=True):
    """answer, said: the last MOST bytes of stdout and of stderr. code: the exit code, negative for a signal."""

    answer: bytes
    said: bytes
    code: int

    @property
    def last_words(self) -> str:
        """The last line of stderr, or how the program ended."""
        lines = self.said.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else name_exit(self.code)


def ask(command: Sequence[str], seconds: float, env: Mapping[str, str] | None = None) -> Asked:
    """Runs the command with an empty stdin. The command is killed when this process dies, on Linux even by SIGKILL, and
    stays in this process's group, so that a terminal's Ctrl-C reaches both. Raises OSError if the program does not
    exist, TimeoutError if it does not end within `seconds`.
    """
    until = time.monotonic() + seconds
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        preexec_fn=die_with_parent(),
    ) as process:
        try:
            answer, said = _listen(process, until)
            return Asked(answer, said, process.wait(max(0.0, until - time.monotonic())))
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            process.kill()


def _listen(process: subprocess.Popen[bytes], until: float) -> tuple[bytes, bytes]:
    """(stdout, stderr), read to their ends. Raises TimeoutError."""
    assert process.stdout is not None
    assert process.stderr is not None
    heard = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as pipes:
        for file in heard:
            pipes.register(file, selectors.EVENT_READ)
        while pipes.get_map():
            ready = pipes.select(max(0.0, until - time.monotonic()))
            if not ready or time.monotonic() > until:  # a stream without an end is always ready
                raise TimeoutError
            for key, _ in ready:
                piece = os.read(key.fd, CHUNK)
                if not piece:
                    pipes.unregister(key.fd)
                heard[key.fd] += piece
                del heard[key.fd][:-MOST]
    answer, said = heard.values()
    return bytes(answer), bytes(said)
