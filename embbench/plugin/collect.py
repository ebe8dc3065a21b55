"""A suite's file as a module with one parametrised test, so that -k, -x and markers of pytest work for its cases."""

import contextlib
import functools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from embbench.contenders import Contender, discover
from embbench.errors import EmbbenchError, quoted
from embbench.host.machine import usable_cpus
from embbench.launch.machine_lock import alone
from embbench.plain import one_line
from embbench.plugin.faults import FAULTS, remark
from embbench.plugin.steps import Replay, check_in_process, replay_rounds
from embbench.spec.case import Case, also_varying, label
from embbench.spec.plan import Plan, make_plan
from embbench.spec.suite import load_suite
from embbench.store.faults import fault
from embbench.store.round import Round

PARALLEL = "processes that measure at the same time disturb each other: run the suites without xdist (-n 0)"


def in_parallel(config: pytest.Config) -> bool:
    """Whether pytest-xdist spreads the tests over processes; works in the main process and in its workers."""
    return hasattr(config, "workerinput") or bool(config.getoption("numprocesses", None))


@contextlib.contextmanager
def faults_told(config: pytest.Config) -> Iterator[None]:
    """Turns errors into one line. A user's error fails a test or a suite. A fault of embbench itself also sets the exit
    code, and its trace goes to a file.
    """
    try:
        yield
    except pytest.Collector.CollectError:
        raise
    except EmbbenchError as error:
        pytest.fail(one_line(str(error)), pytrace=False)
    except Exception as error:  # noqa: BLE001 - the outermost frame of the pytest face
        told = fault(error)
        config.stash.setdefault(FAULTS, []).append(told)
        pytest.fail(told, pytrace=False)


class SuiteModule(pytest.Module):
    """The suite's cases as `test_step[contender-table-update-…]`. plan, contenders: of all cases. found: the rounds of
    the measured cases.
    """

    plan: Plan
    contenders: dict[str, Contender]
    found: dict[Case, list[Round]]

    def _getobj(self) -> ModuleType:
        if in_parallel(self.config):
            raise self.CollectError(f"{self.path}: {PARALLEL}")
        preset = self.config.getoption("embbench_preset")
        codspeed = bool(self.config.getoption("codspeed", False))
        if not codspeed and not self.config.pluginmanager.hasplugin("benchmark"):
            raise self.CollectError(f"{self.path}: needs pytest-benchmark: pip install 'embbench[pytest]'")
        with faults_told(self.config):
            return self._module(preset, codspeed)

    def _module(self, preset: str | None, codspeed: bool) -> ModuleType:
        try:
            suite = load_suite(str(self.path))
            plan = make_plan(suite, {}, {"preset": preset} if preset else {}).resolve(usable_cpus())
            cases = list(plan.cases)
            contenders = discover()
            for name in {case.contender for case in cases} - set(contenders):
                raise self.CollectError(
                    f"{self.path}: contender {quoted(name)} is unknown: see `embbench list contenders`"
                )
        except EmbbenchError as error:
            raise self.CollectError(one_line(str(error))) from None
        self.plan, self.contenders, self.found = plan, contenders, {}
        module = ModuleType(self.path.stem)
        module.test_step = _test(self, cases, codspeed)
        return module


def _test(suite: SuiteModule, cases: list[Case], codspeed: bool) -> Any:
    """codspeed: whether CodSpeed's instruments replace pytest-benchmark. They only see code of this very process."""
    also = also_varying(cases)
    names = [label(case, also).replace(" ", "-") for case in cases]
    replay = Replay()

    @pytest.mark.parametrize("case", cases, ids=names)
    def test_step(benchmark: Any, case: Case, pytestconfig: pytest.Config) -> None:
        if codspeed:  # errors here come from the contender
            wait = not pytestconfig.getoption("embbench_no_wait")
            with alone("pytest", functools.partial(remark, pytestconfig), wait):
                trial = check_in_process(suite.contenders[case.contender], case, suite.plan)
                benchmark(lambda: (trial.step(), trial.sync()))
        else:
            with faults_told(pytestconfig):
                replay_rounds(benchmark, replay, suite.found.get(case, ()))

    return test_step if codspeed else pytest.mark.benchmark(timer=replay)(test_step)
