"""Capabilities of a trial besides stepping, as small protocols. A trial without a capability is measured too."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeGuard, TypeVar

import msgspec

if TYPE_CHECKING:  # the parent reads declarations without loading NumPy
    import numpy as np


Capability = TypeVar("Capability")


def offers(trial: object, capability: type[Capability]) -> TypeGuard[Capability]:
    """Whether the trial has the methods of a protocol of this module. The methods are looked up as attributes, because
    from Python 3.12 on `isinstance` does not see a method that `__getattr__` passes on from a wrapped trial.
    """
    return all(callable(getattr(trial, name, None)) for name in vars(capability) if not name.startswith("_"))


class Divisible(Protocol):
    """A trial whose step can be divided into parts. The parts run last, because they may leave weights and optimizer
    state that no step would leave.
    """

    def parts(self) -> dict[str, Callable[[], None]]:
        """Name of a part of the workload (`cases.workload_parts`) -> program on the next batch; `sync` is the fence. {}
        for a step without parts. A 'step' among the parts replaces the trial's step: it first frees the memory of the
        parts.
        """


# Times of a step by the framework's profiler, as a check of its parts: 'lookup', 'gradient' of the table with freeing
# the last gradient, 'optimizer' on all weights.
PROFILED = ("lookup", "gradient", "optimizer")


class Profiled(Protocol):
    """A trial whose framework has a profiler for the times of PROFILED."""

    def profile(self, steps: int) -> dict[str, float]:
        """Name of PROFILED -> seconds per step, over `steps` steps; without names that the profiler lacks."""


WOKEN = 1 << 17  # numbers: enough work for every thread of a framework


class Operation(NamedTuple):
    """Work of the table's part besides moving rows. run: on batch i. found: returns its last result."""

    run: Callable[[int], None]
    found: "Callable[[], np.ndarray]"


# 'index': the distinct ids of a batch; result: (at least U,) ids, padded with ids past the table. 'sum': the sums of
# the gradients of equal ids; result: (at least U, D), padded with rows of 0. They are called in this order on the same
# batch, and 'sum' may use the result of 'index'. A single operation for both is 'sum'.
OPERATIONS = ("index", "sum")


class TablePrograms(NamedTuple):
    """The table's part of a step without the network, as programs that are called repeatedly in this order. `sync` is
    the fence of each program.

    lookup: the rows of batch i. gradient: the gradient of the table, from the gradient by these rows in
    `cases.workload.row_gradient`; None where no row trains. update: the optimizer on the table; None where the backward
    pass includes it. rows: returns the last result of `lookup`, (batch, seq, dim). wake: some work for every thread of
    the framework, because idle threads sleep; nothing for a framework without threads. one_token: the same programs on
    the first token of each batch, (1, 1), for the cost that does not depend on the rows; None where a program of that
    shape would be compiled differently. operations: name of OPERATIONS -> operation, for the operations of this path.
    """

    lookup: Callable[[int], None]
    gradient: Callable[[], None] | None
    update: Callable[[], None] | None
    rows: "Callable[[], np.ndarray]"
    wake: Callable[[], object] = lambda: None
    one_token: "TablePrograms | None" = None
    operations: Mapping[str, Operation] = MappingProxyType({})


class TableAlone(Protocol):
    """A trial that can step its table alone. No other method is called afterwards."""

    def table_alone(self) -> TablePrograms | None:
        """The programs; None for a case whose table cannot be stepped alone."""


class Blocks(Protocol):
    """A trial that times its blocks itself, because several processes share its steps."""

    def block(self, steps: int, clock: Callable[[], int]) -> float:
        """Seconds of `steps` steps and the fence behind them, on the process that takes longest."""


class Sharded(Protocol):
    """A trial whose process holds a part of the table's rows."""

    def rows_held(self) -> tuple[int, int]:
        """The first row, and the row behind the last."""


class Exchanging(Protocol):
    """A trial of several processes whose framework has a profiler for their exchanges."""

    def exchange_seconds(self, steps: int) -> float:
        """Seconds per step in which this process exchanges arrays with others or waits for them, over `steps` steps.
        It may compute meanwhile.
        """


class Summing(Protocol):
    """A trial of several processes that can sum an array over them, for the speed of the links between them."""

    def array_sum(self, size: int) -> Callable[[], None]:
        """A program that all ranks call together. It returns when the sum of a float32 array of `size` bytes over all
        ranks is in each of them.
        """


class Inside(msgspec.Struct, frozen=True):
    """A copy of what a trial holds besides the rows of its table, so that the oracle can continue from there.

    steps: updates made, as the table's optimizer counts them; None for an optimizer without a count (SGD, Adagrad).
    weights: name -> array of everything that trains except the table, with the names and shapes of the workload's
    `start` (gates in the order input, forget, cell, output). states: 'table', or a name of `weights` -> name of
    `oracle.optimizers` ('velocity', 'sum', 'first', 'second') -> array; {} for an optimizer without state. The table's
    states have only the requested rows, (len(ids), trainable columns), or (len(ids), 1) for one value per row. A table
    with a master copy also has 'master', rows of the copy.
    """

    steps: int | None
    weights: "dict[str, np.ndarray]"
    states: "dict[str, dict[str, np.ndarray]]"


class Inspectable(Protocol):
    """A trial that shows its weights and state, so that the audit can compare consecutive steps after the timed window
    with the oracle. Without this capability the audit leaves these steps out, and the report says so.
    """

    def inspect(self, ids: "np.ndarray") -> Inside:
        """ids: (R,) rows of the table, unique. Called between a fence and the next step; changes nothing."""
