"""Asks for audits: all of one framework in one process, of which one that dies takes only its own audit with it."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from msgspec import Struct

from embbench.cases.case import make_case
from embbench.contenders import Contender
from tests.contenders.covering import Axes, starts_in
from tests.contenders.remembered import Remembered

Report = Callable[["Job", dict[str, Any]], None]


class Job(Struct, frozen=True):
    """One audit. deep: with its parts, its profile, and whether looking changes something."""

    contender: Contender
    axes: Axes
    deep: bool

    @property
    def key(self) -> str:
        declared = self.contender.declaration
        case = make_case(self.axes)
        told = [self.contender.name, declared.summary, declared.semantic(case), self.axes, self.deep]
        return json.dumps(told, sort_keys=True)

    @property
    def framework(self) -> tuple[str, ...]:
        """What must be alike for two audits to share a process."""
        declared = self.contender.declaration
        return (*declared.packages[:1], *(f"{name}={value}" for name, value in sorted(declared.environment.items())))

    @property
    def seconds(self) -> float:
        """That a start takes, by the contender's own word."""
        return starts_in(self.contender, self.axes)


def make_jobs(contender: Contender, chosen: Iterable[Axes]) -> list[Job]:
    """A job of each; the last of each (table, update) is a deep one."""
    last = {(axes["table"], axes.get("update")): axes for axes in chosen}
    return [Job(contender, axes, axes in last.values()) for axes in chosen]


class Auditing:
    """Audits that run beside the tests, so many processes at a time; long ones come first, so that none is waited for
    alone. place: for the files of the processes, such as compiled kernels.
    """

    def __init__(self, place: Path, remembered: Remembered, processes: int) -> None:
        self._place, self._remembered = place, remembered
        self._found: dict[str, Future[dict[str, Any]]] = {}
        self._pool = ThreadPoolExecutor(processes)
        self.run, self.recalled = 0, 0

    def begin(self, jobs: Iterable[Job]) -> None:
        frameworks: dict[tuple[str, ...], list[Job]] = {}
        for job in jobs:
            if job.key in self._found:
                continue
            self._found[job.key] = future = Future()
            if known := self._remembered.recall(job.key, job.contender):
                self.recalled += 1
                future.set_result(known)
            else:
                self.run += 1
                frameworks.setdefault(job.framework, []).append(job)
        for each in sorted(frameworks.values(), key=lambda jobs: -sum(job.seconds for job in jobs)):
            task = self._pool.submit(work_off, each, self._place, self._report)
            task.add_done_callback(functools.partial(self._give_up, each))

    def result(self, job: Job) -> dict[str, Any]:
        return self._found[job.key].result()

    def end(self, failed: set[str]) -> None:
        """failed: names of contenders of which nothing is remembered."""
        self._pool.shutdown(cancel_futures=True)
        self._remembered.save(failed)

    def _give_up(self, jobs: list[Job], task: Future[None]) -> None:
        """No test waits for what a fault of this module has left undone."""
        for job in jobs:
            if not self._found[job.key].done():
                self._found[job.key].set_exception(task.exception() or CancelledError())

    def _report(self, job: Job, told: dict[str, Any]) -> None:
        self._remembered.keep(job.key, job.contender, told)
        self._found[job.key].set_result(told)


def work_off(jobs: list[Job], place: Path, report: Report) -> None:
    """One process after the other until every job is done. A job whose process dies has {"crash": why}; where that
    was before its contender was loaded, so have the other jobs of that contender.
    """
    left = list(jobs)
    while left:
        loaded, reason = run_process(left, place, report)
        if not left:
            return
        lost = left[0]
        of_it = [job for job in left if job == lost or (not loaded and job.contender == lost.contender)]
        for job in of_it:
            report(job, {"axes": job.axes, "crash": reason})
        left = [job for job in left if job not in of_it]


def run_process(left: list[Job], place: Path, report: Report) -> tuple[bool, str]:
    """Takes from `left` what the process has done. Whether it had loaded the contender of what is now the first, and
    why it died.
    """
    loaded = False
    with tempfile.TemporaryFile("w+", dir=place) as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.contenders.audit_all"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "TMPDIR": str(place)},
        )
        jobs = list(left)
        with process:
            told = [{"path": job.contender.path, "axes": job.axes, "deep": job.deep} for job in jobs]
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            for line in process.stdout:
                if not line.startswith('{"job": '):
                    continue
                audit = json.loads(line)
                loaded = "loaded" in audit
                if not loaded:
                    report(left.pop(0), audit)
        errors.seek(0)
        return loaded, f"the process of the audit ended with code {process.returncode}: {errors.read()[-3000:]}"
