"""A suite's file as a module with one parametrised test, so that all of pytest works on its cases: -k, -x, markers."""

from types import ModuleType
from typing import Any

import pytest

from embbench.contenders import discover
from embbench.errors import EmbbenchError
from embbench.host.machine import usable_cpus
from embbench.plugin.steps import Replay, check_in_process, measure
from embbench.spec.case import Case, also_varying, label
from embbench.spec.plan import Plan, make_plan, with_sources
from embbench.spec.suite import load_suite


class SuiteModule(pytest.Module):
    """The suite's cases, as `test_step[contender-table-update-…]`."""

    def _getobj(self) -> ModuleType:
        preset = self.config.getoption("embbench_preset")
        codspeed = bool(self.config.getoption("codspeed", False))
        if not codspeed and not self.config.pluginmanager.hasplugin("benchmark"):
            raise self.CollectError(f"{self.path}: needs pytest-benchmark: pip install 'embbench[pytest]'")
        try:
            suite = load_suite(str(self.path))
            plan = with_sources(make_plan(suite, {}, {"preset": preset} if preset else {}, usable_cpus()))
            cases = list(plan.cases)
            contenders = discover()
            for name in {case.contender for case in cases} - set(contenders):
                raise self.CollectError(f"{self.path}: contender {name!r} is unknown: see `embbench list contenders`")
        except EmbbenchError as error:
            raise self.CollectError(str(error)) from None
        module = ModuleType(self.path.stem)
        module.test_step = _test(plan, cases, contenders, codspeed)
        return module


def _test(plan: Plan, cases: list[Case], contenders: dict[str, Any], codspeed: bool) -> Any:
    """codspeed: whether its instruments replace pytest-benchmark. They see only what runs in this very process."""
    also = also_varying(cases)
    names = [label(case, also).replace(" ", "-") for case in cases]
    replay = Replay()

    @pytest.mark.parametrize("case", cases, ids=names)
    def test_step(benchmark: Any, case: Case) -> None:
        if codspeed:
            trial = check_in_process(contenders[case.contender], case, plan)
            benchmark(lambda: (trial.step(), trial.sync()))
        else:
            measure(benchmark, replay, contenders[case.contender], case, plan)

    return test_step if codspeed else pytest.mark.benchmark(timer=replay)(test_step)
