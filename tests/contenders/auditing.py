"""Requests audits: all audits of a framework in one process. An audit that kills the process loses only itself."""

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

import pytest
from msgspec import Struct
from msgspec.structs import replace

from embbench.cases.case import make_case
from embbench.contenders import Contender
from tests.contenders.covering import Axes, chosen, starts_in
from tests.contenders.remembered import Remembered

SLOW_START = 7  # seconds

Report = Callable[["Job", dict[str, Any]], None]


class Job(Struct, frozen=True):
    """An audit. deep: also of its parts and its profile, and whether inspecting changes anything."""

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
        """Equal for audits that may share a process."""
        declared = self.contender.declaration
        return (*declared.packages[:1], *(f"{name}={value}" for name, value in sorted(declared.environment.items())))

    @property
    def seconds(self) -> float:
        """Seconds of a start, as declared by the contender."""
        return starts_in(self.contender, self.axes)


def make_jobs(contender: Contender, chosen: Iterable[Axes]) -> list[Job]:
    """A job per case; the last job of each (table, update) is deep."""
    last = {(axes["table"], axes.get("update")): axes for axes in chosen}
    return [Job(contender, axes, axes in last.values()) for axes in chosen]


def jobs_for(config: pytest.Config, contender: Contender) -> list[Job]:
    """The audits of the chosen cases. Without --all-pairs, only audits that start fast are deep."""
    jobs = make_jobs(contender, chosen(config, contender))
    if config.getoption("all_pairs"):
        return jobs
    return [replace(job, deep=job.deep and job.seconds < SLOW_START) for job in jobs]


class Auditing:
    """Audits that run beside the tests, in `processes` processes at a time. Long audits start first, so that no audit
    runs alone at the end. place: folder for the files of the processes, such as compiled kernels.
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
        """failed: names of contenders whose audits are not remembered."""
        self._pool.shutdown(cancel_futures=True)
        self._remembered.save(failed)

    def _give_up(self, jobs: list[Job], task: Future[None]) -> None:
        """After a fault of this module, sets an exception on unfinished audits, so that no test waits for them."""
        for job in jobs:
            if not self._found[job.key].done():
                self._found[job.key].set_exception(task.exception() or CancelledError())

    def _report(self, job: Job, told: dict[str, Any]) -> None:
        self._remembered.keep(job.key, job.contender, told)
        self._found[job.key].set_result(told)


def work_off(jobs: list[Job], place: Path, report: Report) -> None:
    """Starts one process after the other until all jobs are done. The result of a job whose process dies is {"crash":
    why}. If it dies before its contender is loaded, all other jobs of that contender get the same result.
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
    """Removes finished jobs from `left`. Returns whether the process had loaded the contender of the first job in
    `left`, and why the process died.
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
