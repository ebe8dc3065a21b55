"""Measures all rounds of all selected cases before the first test is reported.

Pytest runs one test after the other. If the rounds of a test were measured when it runs, a machine that slows down for
a minute would hit all rounds of a few cases. So each round visits every selected case, as in `embbench run`.
"""

import functools
from datetime import datetime

import msgspec
import pytest

from embbench.cases.case import Case
from embbench.cases.plan import Plan
from embbench.cases.units import rough_duration
from embbench.contenders import Contender
from embbench.errors import EXIT_FAULT, EmbbenchError
from embbench.launch.attempt import WORKER
from embbench.launch.executor import ProcessExecutor
from embbench.launch.interrupts import Interrupts
from embbench.launch.machine_lock import alone
from embbench.launch.origin import find_origin
from embbench.launch.resume import DIRECTORY, choose_file, kept
from embbench.launch.runner import Outcome, Visit, Work, carry_out
from embbench.plain import one_line
from embbench.pytest_plugin.collect import SuiteModule
from embbench.pytest_plugin.faults import FAULTS, remark
from embbench.store.faults import fault
from embbench.store.journal import Journal
from embbench.store.round import Round


def measure_selected(session: pytest.Session) -> None:
    """Measures the selected cases of every suite in the session. The rounds go to a file in `results/local`, and the
    tests find them at their suite. Raises pytest.UsageError, and KeyboardInterrupt after all finished rounds are saved.
    """
    progress = PytestProgress(session.config)
    for module, cases in _selected(session).items():
        plan = msgspec.structs.replace(module.plan, cases=tuple(cases))
        try:
            outcome = _measure(plan, module.contenders, session.config, progress)
        except EmbbenchError as error:
            raise pytest.UsageError(f"{module.path}: {one_line(str(error))}") from None
        except Exception as error:  # noqa: BLE001 - the outermost frame of the pytest face
            text = fault(error)
            session.config.stash.setdefault(FAULTS, []).append(text)
            pytest.exit(text, EXIT_FAULT)
        for line in sorted(outcome.rounds, key=lambda line: line.round):
            module.found.setdefault(line.case, []).append(line)
        if outcome.interrupted:
            raise KeyboardInterrupt


def _selected(session: pytest.Session) -> dict[SuiteModule, dict[Case, None]]:
    """Suite -> cases of its tests, in order. Tests with a skip marker do not count."""
    found: dict[SuiteModule, dict[Case, None]] = {}
    for item in session.items:
        module = item.getparent(SuiteModule)
        if module is not None and isinstance(item, pytest.Function) and item.get_closest_marker("skip") is None:
            case: Case = item.callspec.params["case"]  # pyrefly: ignore[bad-assignment] - of any type, says pytest
            found.setdefault(module, {})[case] = None
    return found


def _measure(
    plan: Plan, contenders: dict[str, Contender], config: pytest.Config, progress: "PytestProgress"
) -> Outcome:
    """Measures into a new file: a test may only pass for rounds of the present code."""
    now = datetime.now().astimezone()
    directory = config.invocation_params.dir / DIRECTORY
    named = msgspec.structs.replace(plan, suite=f"pytest-{plan.suite}")
    path = choose_file(named, None, True, f"{now:%Y-%m-%d}", directory)
    used = {case.contender: contenders[case.contender] for case in plan.cases}
    work = Work(f"{now:%Y%m%d-%H%M%S}-{plan.plan_id}", plan, used, find_origin(used))
    wait, tell = not config.getoption("embbench_no_wait"), functools.partial(remark, config)
    with Interrupts() as interrupts, Journal(path) as journal, alone("pytest", tell, wait, interrupts):
        executor = ProcessExecutor(work.origin, interrupts, WORKER)
        outcome = carry_out(work, journal, executor, progress, stopped=lambda: bool(interrupts))
    progress.note(f"interrupted; {kept(path)}" if outcome.interrupted else f"results: {path}")
    return outcome


class PytestProgress:
    """Prints a line per round and a line for the file. With -q it prints only important notes."""

    def __init__(self, config: pytest.Config) -> None:
        self._reporter = config.pluginmanager.get_plugin("terminalreporter")
        self._rounds = config.get_verbosity() >= 0

    def begin(self, visit: Visit) -> None:
        left = f", about {rough_duration(visit.seconds_left)} left"
        if self._rounds:
            self.note(f"{visit.number} of {visit.total}: {visit.name}, round {visit.round + 1} of {visit.rounds}{left}")

    def phase(self, name: str) -> None:
        """Prints nothing: there are too many phases."""

    def end(self, round_: Round) -> None:
        """Prints nothing: the test reports the round."""

    def note(self, text: str) -> None:
        if self._reporter is not None:
            self._reporter.ensure_newline()
            self._reporter.write_line(f"embbench: {one_line(text)}")
