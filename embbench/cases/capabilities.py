"""What a trial may show besides stepping: each a small protocol, and a trial without it is measured all the same."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import msgspec

if TYPE_CHECKING:  # the parent reads declarations without loading NumPy
    import numpy as np


# Programs that are a part of a step each, compiled apart where the step is compiled. In the order in which they run:
# each may use what the ones before it left. 'lookup': the rows of a batch. 'network': the same, then loss and gradients
# of everything but the table. 'gradients': loss and gradients of everything, as in a step. 'update_table',
# 'update_rest': the optimizer on these gradients, or 'update' on all of them at once. Where one cannot be had by itself
# it is left out; where backward updates the table, that is part of 'gradients'. A 'step' among them takes the place of
# the trial's own: it first lets go of what the parts keep.
PARTS = ("lookup", "network", "gradients", "update_table", "update_rest", "update")


# What is a program of its own within one of PARTS: timed beside them, and no part of their sum. 'square_root': of the
# optimizer's state of the table, into memory that is there; some libraries take it far more slowly of zeros, which is
# what that of a row is that no batch has held yet.
WITHIN = ("square_root",)


@runtime_checkable
class Divisible(Protocol):
    """A trial whose step can be taken apart. The parts may leave weights and optimizer state as no step would: they are
    called when all else is done.
    """

    def parts(self) -> dict[str, Callable[[], None]]:
        """By names in PARTS and WITHIN, each on the next batch; `sync` is their fence. {} where this step cannot be."""


# What a framework's own profiler tells of a step, as a check of PARTS: 'lookup', 'gradient' of the table with giving
# the last one back, 'optimizer' on everything.
PROFILED = ("lookup", "gradient", "optimizer")


@runtime_checkable
class Profiled(Protocol):
    """A trial whose framework has a profiler that names these things."""

    def profile(self, steps: int) -> dict[str, float]:
        """Seconds a step by names in PROFILED, over so many steps; what the profiler does not name is left out."""


WOKEN = 1 << 17  # numbers that are enough work for every thread of a framework


class Operation(NamedTuple):
    """What the table's part does besides moving rows, by itself. run: on batch i. found: what it made last."""

    run: Callable[[int], None]
    found: "Callable[[], np.ndarray]"


# 'index': the distinct ids of a batch; found: (at least U,) ids, those past the table are none. 'sum': of the gradients
# of tokens with the same id; found: (at least U, D), rows left over are 0. They are called in this order on the same
# batch, and 'sum' may use what 'index' left. Where one operation makes both, it is 'sum'.
OPERATIONS = ("index", "sum")


class TablePrograms(NamedTuple):
    """The table's part of a step without the network, as programs that are called in this order, over and over. lookup:
    the rows of batch i. gradient: of the table, from the gradient by these rows that `cases.workload.row_gradient` has;
    None where no row trains. update: the optimizer on the table; None where backward makes it. rows: what `lookup` last
    found, (batch, seq, dim). wake: some work for every thread of the framework, which sleep while nothing runs; nothing
    where there are none. `sync` is the fence of each. one_token: the same programs on the first token of each batch,
    (1, 1): what does not depend on the rows; None where a program of that shape would be compiled otherwise.
    operations: by names in OPERATIONS, those that this path makes.
    """

    lookup: Callable[[int], None]
    gradient: Callable[[], None] | None
    update: Callable[[], None] | None
    rows: "Callable[[], np.ndarray]"
    wake: Callable[[], object] = lambda: None
    one_token: "TablePrograms | None" = None
    operations: Mapping[str, Operation] = MappingProxyType({})


@runtime_checkable
class TableAlone(Protocol):
    """A trial that can step its table by itself. Nothing else is called behind that."""

    def table_alone(self) -> TablePrograms | None:
        """None where this case cannot be stepped so."""


class Inside(msgspec.Struct, frozen=True):
    """What a trial holds besides the rows of its table, copied, so that the oracle can go on from there.

    steps: updates made, as the optimizer of the table counts them; None where it keeps no count (SGD, Adagrad).
    weights: name -> array of everything that trains but the table, named and shaped as `oracle.step.dense_arrays` has
    it (gates in the order input, forget, cell, output). states: 'table', or a name of `weights` -> name of
    `oracle.optimizers` ('velocity', 'sum', 'first', 'second') -> array; of the table only the rows that were asked for,
    (len(ids), trainable columns), or (len(ids), 1) where there is one value a row. {} where an optimizer keeps none.
    Beside the states of a table that has a master copy stands 'master', rows of that.
    """

    steps: int | None
    weights: "dict[str, np.ndarray]"
    states: "dict[str, dict[str, np.ndarray]]"


@runtime_checkable
class Inspectable(Protocol):
    """A trial that shows what it holds, so that consecutive steps behind the timed window can be held to the oracle
    from the state that is there. Without it the audit of these steps is left out, and the report says so.
    """

    def inspect(self, ids: "np.ndarray") -> Inside:
        """ids: (R,) rows of the table, unique. Called between a fence and the next step; changes nothing."""
