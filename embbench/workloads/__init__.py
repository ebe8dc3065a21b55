"""Kinds of work: the computation of a step besides the table and its optimizer. Every file without a leading underscore
is a workload; the listing is the registry.

A workload file imports nothing heavy, because the parent process needs its arithmetic.
"""

import functools
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from embbench.cases.case import Case
from embbench.cases.sources import Source
from embbench.errors import UsageError, unknown

if TYPE_CHECKING:
    import numpy as np

    from embbench.cases.streams import Tokens

HERE = Path(__file__).parent

ByName = dict[str, Any]  # arrays


class Workload(Protocol):
    """The contents of a file in `workloads/`. B sequences of S tokens, D columns, C classes."""

    SUMMARY: str

    def label_shape(self, case: Case) -> tuple[int, ...]:
        """Shape of the labels of a batch: (B,) or (B, S)."""

    def learnable_labels(self, classes: "np.ndarray") -> "np.ndarray":
        """(..., B) or (..., B, S): labels that can be learnt from the tokens. classes: (..., B, S), the classes of the
        tokens.
        """

    def start(self, case: Case, lstm_biases: int) -> ByName:
        """The initial weights besides the table, by name, in float64. lstm_biases: as the contender declares them."""

    def scores_and_gradients(
        self, weights: ByName, inputs: "np.ndarray", labels: "np.ndarray"
    ) -> "tuple[np.ndarray, float, np.ndarray, ByName]":
        """(scores before softmax, loss, gradient by inputs (B, S, D), gradients by name of `weights`), in the precision
        of the arguments. inputs: (B, S, D), rows looked up. weights: as `start` names them.
        """

    def operations(self, case: Case) -> float:
        """Floating-point operations of a step without the table, forward and backward."""

    def weight_count(self, case: Case) -> int:
        """Numbers that train, without the table."""

    def activation_count(self, case: Case) -> int:
        """Numbers that a step keeps between forward and backward, with their gradients."""


@functools.cache
def workloads() -> dict[str, Workload]:
    """Name -> workload."""
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    return {name: cast(Workload, importlib.import_module(f"embbench.workloads.{name}")) for name in names}


def operations_of(case: Case) -> float | None:
    """See `Workload.operations`; None for an unknown workload, such as in results from outside."""
    known = workloads().get(case.workload)
    return None if known is None else known.operations(case)


def workload_of(case: Case) -> Workload:
    """The workload of a case. Raises UsageError where no file has its name."""
    known = workloads()
    if case.workload not in known:
        raise UsageError(unknown("workload", case.workload, known))
    return known[case.workload]


def draw_tokens(case: Case, batches: int, source: Source | None = None) -> "Tokens":
    """`batches` id batches with labels, from the seed of the case and the content of its file, if its stream has one.

    Raises UsageError where the file is missing, cannot be read, or has another content than the case.
    """
    from embbench.cases.streams import Tokens, draw_ids
    from embbench.cases.workload import CLASSES

    ids, rng = draw_ids(case, batches, source)
    return Tokens(ids, rng.integers(0, CLASSES, (batches, *workload_of(case).label_shape(case))))
