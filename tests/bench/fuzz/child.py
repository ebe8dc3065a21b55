"""Command lines in a child process, so that an input that kills its process or takes all memory is a finding."""

import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tests.bench.fuzz.verdict import Verdict, assess

SHARE = 250  # inputs per child
PATIENCE = 10  # seconds after which a command is interrupted as by Ctrl-C; it may be measuring
HANG = 40  # seconds after which a command counts as hanging
MEMORY = 6 << 30  # bytes of address space
ENCODINGS = ("utf-8", "utf-8", "ascii", "latin-1")

# Makes the files of an input in the current directory. Returns (kind, arguments).
Make = Callable[[int, int], tuple[str, list[str]]]
# Checks what an input left behind: (seed, number, exit code, stderr) -> a failure, or ''.
Check = Callable[[int, int, int, bytes], str]


def run_all(make: Make, seed: int, first: int, last: int, check: Check | None = None) -> Iterator[Verdict]:
    """The verdicts of inputs first to last - 1. A child that dies costs one input and is followed by another child."""
    number = first
    while number < last:
        until = min(last, number + SHARE)
        for verdict in _child(make, seed, number, until, check):
            number = verdict.number + 1
            yield verdict
        if number < until:
            yield Verdict(number, "died", -1, "the process died or hung", f"seed {seed}, number {number}")
            number += 1


def _child(make: Make, seed: int, first: int, last: int, check: Check | None) -> Iterator[Verdict]:
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(read)
        code = 1
        try:
            _serve(make, seed, first, last, check, os.fdopen(write, "wb"))
            code = 0
        except BaseException:  # noqa: BLE001 - the child's outermost frame
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=Verdict)
    os.waitpid(process, 0)


def _serve(make: Make, seed: int, first: int, last: int, check: Check | None, answers) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as top:
        _measure_nothing(Path(top))
        for number in range(first, last):
            place = Path(top) / str(number)
            place.mkdir()
            os.chdir(place)
            kind, arguments = make(seed, number)
            code, out, err = _carry_out(arguments, ENCODINGS[number % len(ENCODINGS)])
            verdict = assess(number, kind, arguments, code, out, err)
            if check is not None and not verdict.failure:
                verdict = msgspec.structs.replace(verdict, failure=check(seed, number, code, err))
            answers.write(msgspec.json.encode(verdict) + b"\n")
            answers.flush()


def _measure_nothing(top: Path) -> None:
    """Replaces the worker by a program that ends at once, which makes every round a crash. Doctor loads no framework
    and measures noise only briefly. This process has its own lock, because it measures nothing.
    """
    import embbench.host.noise
    from embbench.cli import verbs  # noqa: F401 - loads every verb
    from embbench.launch import attempt, ceilings, executor, machine_lock

    machine_lock.LOCK = top / "embbench.lock"
    tempfile.tempdir = str(top)
    executor.WORKER = attempt.WORKER = ceilings.COMMAND = ("/bin/true",)
    sys.modules["embbench.cli.doctor"].LOAD = "pass"
    embbench.host.noise.measure_noise.__defaults__ = (0.01, *embbench.host.noise.measure_noise.__defaults__[1:])


def _carry_out(arguments: list[str], encoding: str) -> tuple[int, bytes, bytes]:
    """(exit code, stdout, stderr). An exception that reaches this frame gives exit code 1 with its traceback, as in
    Python itself.
    """
    from embbench.cli import main

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        kept = [os.dup(1), os.dup(2)]
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115 - as Python opens it
        sys.stderr = open(2, "w", encoding=encoding, errors="backslashreplace", closefd=False)  # noqa: SIM115
        _alarm(PATIENCE)
        try:
            code = main(arguments)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:  # noqa: BLE001 - this program looks for exceptions that get through
            code = 1
            os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for stream, where in zip((sys.stdout, sys.stderr), kept, strict=True):
                _flush(stream)
                os.dup2(where, stream.fileno())
                os.close(where)
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def _flush(stream) -> None:
    try:
        stream.flush()
    except (OSError, ValueError) as error:
        os.write(2, f"Traceback (most recent call last): at exit, {error!r}".encode("utf-8", "backslashreplace"))


def _alarm(seconds: float) -> None:
    """Sends Ctrl-C first, and kills the process if that has no effect."""

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, HANG - PATIENCE)
        os.kill(os.getpid(), signal.SIGINT)

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
