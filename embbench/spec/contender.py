"""The contract of a contender: what its file declares, and what its `prepare` returns.

A contender is one Python file. Its module-level literal DECLARES is read as data, never executed, by the parent
process, which must not import a framework; its `prepare(case, tokens)` runs in the worker only.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, runtime_checkable

import msgspec

from embbench.spec.case import Case
from embbench.spec.precision import ITEMSIZE, Precision
from embbench.spec.workload import STATES

if TYPE_CHECKING:  # the parent reads declarations without loading NumPy
    import numpy as np

    from embbench.spec.streams import Tokens


class Skip(Exception):
    """Raised by `prepare` before any large allocation: this case makes no sense here, with the reason."""


class Unsupported(Skip):
    """Raised by `prepare`: this contender, or this machine, cannot do the case at all, with the reason."""


# Where an optimizer adds its epsilon. Adam: 'corrected' to the root of the bias-corrected second moment,
# 'uncorrected' to the root of the raw one (Kingma and Ba 2015, end of section 2). Adagrad: 'corrected' to the root,
# 'inside' under it.
Epsilon = Literal["corrected", "uncorrected", "inside"]


Arrays = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


class Path(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one (update, optimizer) pair moves the table.

    semantic: its class, see `spec.semantics`. copies: table-sized arrays alive at the peak of a step, weights
    included. lookups: likewise (N, dim) arrays of the update. passes: reads and writes of the whole table a step.
    precision: how the table is kept, if otherwise than `Declaration.precisions` says. Where it has 16 bits, copies and
    passes count arrays of such numbers, a float32 array of the table's shape as two.
    epsilon: where the table's optimizer adds it, if elsewhere than `Declaration.epsilon` says. devices: where the pair
    exists; all of the declaration's if none is named. start: seconds that a round takes besides building and stepping,
    if not what `Declaration.start` says.
    """

    semantic: Literal["exact", "dense", "lazy", "lazy-decay", "rowwise", "exact-apart", "dense-apart"]
    copies: Annotated[float, msgspec.Meta(ge=1, le=1e6)] = 1.0
    lookups: Arrays = 0.0
    passes: Arrays = 0.0
    precision: Precision | None = None
    epsilon: Epsilon | None = None
    devices: tuple[str, ...] = ()
    start: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None

    def kept(self, optimizer: str) -> str:
        """`Precision.short`, which stands behind the class of a case; '' in the case's dtype."""
        return "" if self.precision is None else self.precision.short(STATES[optimizer])

    def itemsize(self, case: Case) -> int:
        """Bytes of a number of the table as it is kept."""
        return case.itemsize if self.precision is None else ITEMSIZE


class Beware(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Versions of a package that are known to mislead. versions: as in a requirement, '>=0.10.2,<=0.11.0'. text: what
    they do and where that is told. devices: where; everywhere if none is named.
    """

    versions: str
    text: str
    devices: tuple[str, ...] = ()


class Package(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for a package whichever contender uses it: an entry of contenders/packages.toml."""

    environment: dict[str, str] = {}
    beware: tuple[Beware, ...] = ()


class Declaration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """DECLARES of a contender file.

    summary: one line. packages: distributions that it needs and whose versions belong to the result; 'one|other' is
    satisfied by any of them and installed by the first. updates: update -> optimizer -> a Path, or the reason why it
    is unsupported; or one reason for all optimizers. environment: variables that are set before the file is executed,
    besides those of its packages. lstm_biases: bias vectors that train per LSTM layer (cuDNN's has
    two). epsilon: optimizer -> where it is added, if not 'corrected'. onehot: bytes that the one-hot way holds at its
    peak for each pair of a token and a row. changes: update, or a kind of table that does not train as a whole -> the
    code that a user changes for it. precisions: update -> how the table is kept, if not in the case's dtype. base:
    bytes of a worker that has loaded it all and built nothing. start: seconds of a round besides building and stepping,
    for estimates: import, compilation, audit.
    """

    summary: str
    packages: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    dtypes: tuple[str, ...] = ("float32",)
    tables: tuple[str, ...] = ("frozen", "trainable")
    updates: dict[str, dict[str, Path | str] | str]
    changes: dict[str, str] = {}
    precisions: dict[str, Precision] = {}
    environment: dict[str, str] = {}
    lstm_biases: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    epsilon: dict[str, Epsilon] = {}
    onehot: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    base: Annotated[float, msgspec.Meta(ge=0, le=1e18)] = 5e8
    start: Annotated[float, msgspec.Meta(ge=0, le=1e9)] = 4.0

    def path(self, case: Case) -> Path | str:
        """The Path of the case's (update, optimizer), or why this contender cannot do the case, in one line."""
        for axis, valid in (("device", self.devices), ("dtype", self.dtypes), ("table", self.tables)):
            if getattr(case, axis) not in valid:
                return f"{axis}={getattr(case, axis)}: this contender has {', '.join(valid)}"
        if case.table == "frozen":
            return Path(semantic="exact")
        if case.table == "onehot" and case.update != "default":
            return f"update={case.update}: the gradient of a product is dense, so a onehot table has default only"
        optimizers = self.updates.get(case.update)
        if optimizers is None:
            return f"update={case.update}: this contender has {', '.join(self.updates)}"
        if isinstance(optimizers, str):
            return optimizers
        path = optimizers.get(case.optimizer, f"update={case.update} is not written for {case.optimizer}")
        if isinstance(path, Path) and path.devices and case.device not in path.devices:
            return f"update={case.update} with {case.optimizer} needs --device {' or '.join(path.devices)}"
        if isinstance(path, Path) and path.precision is None:
            path = msgspec.structs.replace(path, precision=self.precisions.get(case.update))
        fits = (case.dtype, case.table) == ("float32", "trainable")
        if isinstance(path, Path) and path.precision is not None and not fits:
            kept = path.precision.table
            return f"update={case.update} keeps a table in {kept}: it has --table trainable and --dtype float32 only"
        return path

    def place_of_epsilon(self, optimizer: str) -> Epsilon:
        """Of everything but the table, and of the table too unless its Path says otherwise."""
        return self.epsilon.get(optimizer, "corrected")

    def semantic(self, case: Case) -> str:
        """The semantic class that the audit holds the case to. Call only where `path` gave a Path."""
        path = self.path(case)
        assert isinstance(path, Path)
        if case.table == "frozen":
            return "frozen"
        # the gradient of a product has no occurrences left that could be taken apart
        return path.semantic.removesuffix("-apart") if case.table == "onehot" else path.semantic


class Trial(Protocol):
    """One built case. Every method is called by the worker; only `step` and `sync` are called while timing. It starts
    with the weights that `spec.workload` has for everyone: `initial_rows`, `dense_weights`.
    """

    def step(self) -> None:
        """One training step on the next batch, cycling; may return before a device has finished."""

    def sync(self) -> None:
        """The fence: returns when all work of every step so far is finished."""

    def loss(self) -> float:
        """Mean cross-entropy of the last step, before its update."""

    def read_rows(self, ids: "np.ndarray") -> "np.ndarray":
        """Rows of the table now, (len(ids), dim), as the LSTM would see them."""

    def write_rows(self, ids: "np.ndarray", values: "np.ndarray") -> None:
        """Sets rows of the table; ids are unique. Optimizer state stays as it is."""

    def memory(self) -> dict[str, int]:
        """Peak bytes of the device allocator since the last call, as {'device_peak': bytes}; {} on a CPU."""

    def describe(self) -> dict[str, Any]:
        """What really ran, detected and not assumed: LSTM kernel, optimizer implementation, threads, versions."""


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


class Module(Protocol):
    """A loaded contender file."""

    DECLARES: dict[str, Any]

    def prepare(self, case: Case, tokens: "Tokens") -> Trial: ...
