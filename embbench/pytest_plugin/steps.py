"""One case under pytest: hands its measured rounds to pytest-benchmark."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.undisturbed import undisturbed
from embbench.cases.case import Case
from embbench.cases.contender import Skip, Trial, Unsupported
from embbench.cases.plan import Plan
from embbench.cases.update_path import Path
from embbench.contenders import Contender, load_for
from embbench.launch.preflight import FreeMemory, find_refusal
from embbench.plain import one_line
from embbench.report.pytest_benchmark import extra_info
from embbench.store.round import Round
from embbench.worker.audit import Findings, audit_small
from embbench.worker.claims import check_claims
from embbench.worker.runtime import check_runtime
from embbench.workloads import draw_batches, is_claimed, workload_of

SKIPPED = frozenset({"unsupported", "skipped"})


class Replay:
    """A timer for pytest-benchmark that replays the workers' samples: it returns 0, then the sample, then 0, and so on.

    The documented option `timer` is the only way to give pytest-benchmark times that it did not measure. Timing the
    worker from this process would add the communication.
    """

    __name__ = "embbench_worker"

    def __init__(self) -> None:
        self._readings: Iterator[float] = iter(())

    def load(self, samples: Sequence[float]) -> None:
        self._readings = (reading for sample in samples for reading in (0.0, sample))

    def __call__(self) -> float:
        return next(self._readings)


def replay_rounds(benchmark: Any, replay: Replay, rounds: Sequence[Round]) -> None:
    """Gives the samples of a case's rounds to `benchmark`. Skips a case that cannot run here, and fails a case without
    a number. rounds: as `pytest_plugin.measuring` measured them.
    """
    if not rounds:
        pytest.fail("the case was not measured: another pytest plugin changes how tests run", pytrace=False)
    lines = [_counts(line) for line in rounds]
    if len(parts := collapse(lines)) > 1:
        versions = "; ".join(dict.fromkeys(one_line(part.software or f"machine {part.machine}") for part in parts))
        pytest.fail(f"software or machine changed between its rounds: {versions}: run it again", pytrace=False)
    samples = [value for line in lines for value in undisturbed(line).metrics["step_time"].values]
    benchmark.extra_info.update(extra_info(lines))
    replay.load(samples)
    benchmark.pedantic(lambda: None, rounds=len(samples))


WARM = 3  # steps


def check_in_process(contender: Contender, case: Case, plan: Plan) -> Trial:
    """A warm, audited trial of the case in this process, for instruments that inspect a process."""
    source = plan.sources.get(case.tokens)
    verdict = find_refusal(case, contender, FreeMemory(), source=source)
    if verdict is not None:
        pytest.skip(one_line(verdict.reason))
    path = contender.declaration.path(case)
    assert isinstance(path, Path)  # else refused
    findings = Findings(contender.declaration.semantic(case), case.dtype, path.kept(case.optimizer))
    try:
        check_runtime(case.runtime)
        prepare = load_for(case, contender).prepare
        batches, claimed = draw_batches(case, plan.protocol.batches, source), workload_of(case)
        if not is_claimed(claimed):
            audit_small(contender, prepare, case, findings)
        trial = prepare(case, batches)
        claims = claimed.start_claims(case, batches, trial) if is_claimed(claimed) else None
    except (Unsupported, Skip) as error:
        pytest.skip(one_line(str(error)))
    for _ in range(WARM):
        trial.step()
    trial.sync()
    if claims is not None:
        check_claims(claims, WARM, findings)
    if findings.difference is not None:
        pytest.fail(f"invalid: {one_line(findings.difference)}", pytrace=False)
    return trial


def _counts(line: Round) -> Round:
    if line.status in SKIPPED:
        pytest.skip(one_line(line.reason or line.status))
    if line.status != "ok":
        pytest.fail(one_line(f"{line.status}: {line.reason}"), pytrace=False)
    return line
