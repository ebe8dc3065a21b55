"""Jobs of `embbench submit` in tests: each has the lock of the tests, and the stub as its worker."""

import os
import sys
from pathlib import Path

import psutil
from small_runs import STUB

from embbench.launch import machine_lock

JOB = """
import sys
from pathlib import Path
from embbench.launch import executor, machine_lock
machine_lock.LOCK = Path({lock!r})
if {worker}:
    executor.WORKER = {worker}
from embbench.cli import main
sys.exit(main(sys.argv[1:]))
"""
SUBMIT = """
import sys
from embbench.cli import main, submitted
from embbench.launch import shard_job
shard_job.EMBBENCH, submitted.EVERY = {program}, 0.1
sys.exit(main(sys.argv[1:]))
"""


def job_program(fault: str = "fine", real: bool = False) -> tuple[str, ...]:
    """What a job runs in place of `embbench`. real: with the worker that measures."""
    worker = () if real else (sys.executable, STUB, fault)
    return sys.executable, "-c", JOB.format(lock=str(machine_lock.LOCK), worker=worker)


def submitter(fault: str = "fine") -> tuple[str, ...]:
    """The words of a process that is `embbench submit` of the arguments behind them."""
    return sys.executable, "-c", SUBMIT.format(program=job_program(fault))


def family(process: int) -> list[psutil.Process]:
    """The process and all that it has started."""
    found = psutil.Process(process)
    return [found, *found.children(recursive=True)]


def kill_all(process: int) -> None:
    """Kills a job with all its processes, as a queue does, and waits for their end."""
    everyone = family(process)
    for each in everyone:
        each.kill()
    psutil.wait_procs(everyone, timeout=30)


def lines_of(folder: Path) -> dict[str, bytes]:
    """Name -> content of the results files of a submission."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.jsonl"))}


def on_path(folder: Path, name: str, script: str) -> None:
    """Makes a command of a shell script; the folder must stand in PATH."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    os.chmod(path, 0o755)  # noqa: PTH101 - a Path has no shorter way
