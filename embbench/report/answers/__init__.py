"""Answers of workloads with a question of their own: `report/answers/WORKLOAD.py`, with

answer(results, measures) -> the sentences of the answer, as Statements
brief(results, measures) -> at most three Statements for the first screen, with the cases of their figures
"""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.measures import Measures
from embbench.report.table import Statement

HERE = Path(__file__).parent


class WorkloadAnswer(Protocol):
    """A module of this folder."""

    def answer(self, results: Sequence[Result], measures: Measures) -> list[Statement]: ...

    def brief(self, results: Sequence[Result], measures: Measures) -> list[Statement]: ...


def answer_by_workload(results: Sequence[Result], measures: Measures) -> list[str]:
    """The sentences of every workload among the results that has an answer of its own; [] for none. The answer of a
    workload may use the results of others, such as training beside prediction.
    """
    return [statement.text for module in _modules(results) for statement in module.answer(results, measures)]


def brief_by_workload(results: Sequence[Result], measures: Measures) -> list[Statement]:
    """See `answer_by_workload`."""
    return [statement for module in _modules(results) for statement in module.brief(results, measures)]


def _modules(results: Sequence[Result]) -> list[WorkloadAnswer]:
    written = {path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")}
    asked = [name for name in dict.fromkeys(result.case.workload for result in results) if name in written]
    return [cast(WorkloadAnswer, importlib.import_module(f"{__name__}.{name}")) for name in asked]
