"""Kinds of work. Every file without a leading underscore is a workload; the listing is the registry.

A workload is a network behind a table (`NetworkWorkload`), whose steps the oracle repeats, or another program with
exact right values (`ClaimedWorkload`). A workload file imports nothing heavy, because the parent process needs its
arithmetic.
"""

import functools
import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, cast

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.cases.sources import Source
from embbench.errors import UsageError, unknown

if TYPE_CHECKING:
    import numpy as np

    from embbench.cases.streams import Tokens

HERE = Path(__file__).parent

ByName = dict[str, Any]  # arrays


class Workload(Protocol):
    """The contents of a file in `workloads/`. WEIGHT_ARRAYS: arrays that a step needs per weight besides the table. A
    workload whose bytes are unknown before it is built has neither WEIGHT_ARRAYS nor the counts.
    """

    SUMMARY: str
    WEIGHT_ARRAYS: int

    def label_shape(self, case: Case) -> tuple[int, ...]:
        """Shape of the labels of a batch: (B,) or (B, S), for B sequences of S tokens."""

    def operations(self, case: Case) -> float:
        """Floating-point operations of a step without the table."""

    def weight_count(self, case: Case) -> int:
        """Numbers that train, without the table."""

    def activation_count(self, case: Case) -> int:
        """Numbers that a step keeps until its end, with their gradients."""


class NetworkWorkload(Workload, Protocol):
    """A network behind a table. B sequences of S tokens, D columns, C classes."""

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


Claims = Callable[[int], Iterable[Claim]]  # the number of steps made -> claims


class ClaimedWorkload(Workload, Protocol):
    """A program that is held to claims. SHOWN: the methods of a trial that the claims need."""

    SHOWN: tuple[str, ...]

    def start_claims(self, case: Case, tokens: "Tokens", trial: Any) -> Claims:
        """Called before the first step. The result is called after the last step. The claims of a trial are the same
        for every framework; at least one of them proves the timed work. trial: with the methods that the workload's
        file names.

        A workload without tokens also has `draw_inputs(case, batches)`: name -> array (batches, ...).
        """


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


def network_of(case: Case) -> NetworkWorkload:
    """The workload of a case, which must be a network. Raises UsageError as `workload_of`."""
    workload = workload_of(case)
    assert not is_claimed(workload)
    return cast(NetworkWorkload, workload)


def is_claimed(workload: Workload) -> TypeGuard[ClaimedWorkload]:
    """Whether the workload is held to claims instead of the oracle's steps."""
    return hasattr(workload, "start_claims")


def draw_batches(case: Case, batches: int, source: Source | None = None) -> Any:
    """The batches of a trial: tokens, or arrays by name for a workload without tokens. A file's tokens come before what
    a workload draws by itself. Raises as `draw_tokens`.
    """
    draw = getattr(workload_of(case), "draw_inputs", None)
    return draw_tokens(case, batches, source) if draw is None or source is not None else draw(case, batches)


def draw_tokens(case: Case, batches: int, source: Source | None = None) -> "Tokens":
    """`batches` id batches with labels, from the seed of the case and the content of its file, if its stream has one.

    Raises UsageError where the file is missing, cannot be read, or has another content than the case.
    """
    from embbench.cases.streams import Tokens, draw_ids
    from embbench.cases.workload import CLASSES

    ids, rng = draw_ids(case, batches, source)
    return Tokens(ids, rng.integers(0, CLASSES, (batches, *workload_of(case).label_shape(case))))
