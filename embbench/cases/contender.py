"""The contract of a contender: what its file declares, and what its `prepare` returns.

A contender is one Python file. Its module-level literal DECLARES is read as data, never executed, by the parent
process, which must not import a framework; its `prepare(case, tokens)` runs in the worker only. `cases.capabilities`
has the further capabilities of a trial.
"""

from typing import TYPE_CHECKING, Annotated, Any, Protocol

import msgspec

from embbench.cases.capabilities import (  # noqa: F401 - contender files of users import them from here
    PROFILED,
    Divisible,
    Inside,
    Inspectable,
    Operation,
    Profiled,
    TableAlone,
    TablePrograms,
)
from embbench.cases.case import IDS, NO_TABLE, Case
from embbench.cases.precision import Precision
from embbench.cases.semantics import CLAIMS
from embbench.cases.update_path import Epsilon, Path, Spread
from embbench.cases.workload_axes import CLAIMED

if TYPE_CHECKING:  # the parent reads declarations without loading NumPy
    import numpy as np

    from embbench.cases.streams import Tokens


class Skip(Exception):
    """Raised by `prepare`, with a reason, before any large allocation: the case does not make sense here."""


class Unsupported(Skip):
    """Raised by `prepare`, with a reason: this contender or this machine cannot do the case."""


class Planned(msgspec.Struct, frozen=True):
    """What a framework's own planner estimates. bytes: of table and state in the rank with the most. seconds: of a
    step's lookup, update and exchange of rows in that rank, without the network behind the table.
    """

    bytes: float
    seconds: float


class Declaration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """DECLARES of a contender file. A file may name an `engine` in place of writing `updates` out: see `engines.facts`.

    summary: a line. packages: distributions that it needs, with versions in the result; 'one|other' needs either of
    them and installs the first. ids: integer types of its lookup. workloads: names of files in `workloads/`.
    engine_workloads: the engine whose own workloads this contender has too, see `engines.listed`. choices: workload ->
    axis of text -> its values here, if not all. updates: update -> optimizer -> a Path, or the reason why it is
    unsupported; or a reason for all optimizers. environment:
    variables that are set before the file is executed, besides those of its packages. lstm_biases: bias vectors that
    train per LSTM layer (cuDNN's has two). epsilon: optimizer -> its place, if not 'corrected'. onehot: peak bytes of a
    onehot table per pair of a token and a row. changes: update, or a kind of table that does not train as a whole ->
    the code that a user changes for it. precisions: update -> precision of the table, if not the case's dtype. base:
    bytes of a worker that has loaded all packages and built nothing. start: seconds of a round besides building and
    stepping, for estimates: import, compilation, audit. spread: how the table lies in several ranks; '' for a contender
    of one process. one_process: whether the ranks are devices of a single process, so that no socket carries what they
    send; on a CPU these devices also share a memory. frozen: of a table of which no row
    trains. planner: name of the framework's own planner of ranks, for a module with `planned`.
    """

    summary: str
    packages: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    dtypes: tuple[str, ...] = ("float32",)
    ids: tuple[str, ...] = IDS[:1]
    tables: tuple[str, ...] = ("frozen", "trainable")
    workloads: tuple[str, ...] = ("classifier",)
    engine_workloads: str = ""
    choices: dict[str, dict[str, tuple[str, ...]]] = {}
    updates: dict[str, dict[str, Path | str] | str]
    frozen: Path = Path(semantic="exact")
    changes: dict[str, str] = {}
    precisions: dict[str, Precision] = {}
    environment: dict[str, str] = {}
    lstm_biases: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    epsilon: dict[str, Epsilon] = {}
    onehot: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    base: Annotated[float, msgspec.Meta(ge=0, le=1e18)] = 5e8
    start: Annotated[float, msgspec.Meta(ge=0, le=1e9)] = 4.0
    spread: Spread = ""
    one_process: bool = False
    planner: str = ""

    def path(self, case: Case) -> Path | str:
        """The Path of the case's (update, optimizer), or why this contender cannot do the case, on a line."""
        for axis in ("device", "dtype", "ids", "workload", *(("table",) if case.table != NO_TABLE else ())):
            valid = getattr(self, axis if axis == "ids" else f"{axis}s")
            if getattr(case, axis) not in valid:
                has = f"needs --device {' or '.join(valid)}" if axis == "device" else f"has {', '.join(valid)}"
                return f"{axis}={getattr(case, axis)}: this contender {has}"
        if case.ranks > 1 and not self.spread:
            others = "`embbench list contenders` shows which have ranks"
            return f"ranks={case.ranks}: this contender is a single process; {others}"
        if case.batch % case.ranks:
            fitting = f"--batch {-(-case.batch // case.ranks) * case.ranks}"
            return f"ranks={case.ranks}: does not divide the batch of {case.batch}; {fitting} can be shared"
        for axis, values in self.choices.get(case.workload, {}).items():
            if getattr(case, axis) not in values:
                return f"{axis}={getattr(case, axis)}: this contender has {', '.join(values)}"
        if case.table in ("frozen", NO_TABLE):
            return self.frozen
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
        path = path.on(case.device) if isinstance(path, Path) else path
        if isinstance(path, Path) and path.precision is None:
            path = msgspec.structs.replace(path, precision=self.precisions.get(case.update))
        fits = (case.dtype, case.table) == ("float32", "trainable")
        if isinstance(path, Path) and path.precision is not None and not fits:
            kept = path.precision.table
            return f"update={case.update} keeps a table in {kept}: it has --table trainable and --dtype float32 only"
        return path

    def spread_of(self, case: Case) -> Spread:
        """How the table of a supported case lies in its ranks."""
        path = self.path(case)
        return path.spread if isinstance(path, Path) and path.spread is not None else self.spread

    def in_one_memory(self, case: Case) -> bool:
        """Whether the ranks of the case are in the memory of one process."""
        return self.one_process and case.device == "cpu"

    def place_of_epsilon(self, optimizer: str) -> Epsilon:
        """The place of the epsilon, for all weights; a Path may override it for the table."""
        return self.epsilon.get(optimizer, "corrected")

    def semantic(self, case: Case) -> str:
        """The semantic class that the audit checks. Call only where `path` returns a Path."""
        path = self.path(case)
        assert isinstance(path, Path)
        if case.workload in CLAIMED:
            return CLAIMS
        if case.table == "frozen":
            return "frozen"
        # the gradient of a product does not keep the occurrences of a row
        return path.semantic.removesuffix("-apart") if case.table == "onehot" else path.semantic


class Trial(Protocol):
    """A built case. Only `step` and `sync` are called while timing, and only these are required: without `loss`,
    `read_rows` and `write_rows` the steps are timed and shown as unproven. A trial starts with the initial weights of
    `cases.workload`: `initial_rows`, `dense_weights`.
    """

    def step(self) -> None:
        """A training step on the next batch, in a cycle; may return before a device has finished."""

    def sync(self) -> None:
        """The fence: returns when all work of every step so far is finished."""

    def loss(self) -> float:
        """Mean cross-entropy of the last step, before its update."""

    def read_rows(self, ids: "np.ndarray") -> "np.ndarray":
        """(len(ids), dim): the current rows of the table, as the network reads them."""

    def write_rows(self, ids: "np.ndarray", values: "np.ndarray") -> None:
        """Sets rows of the table; ids are unique. Optimizer state stays as it is."""

    def memory(self) -> dict[str, int]:
        """Peak bytes of the device allocator since the last call, as {'device_peak': bytes}; {} on a CPU."""

    def describe(self) -> dict[str, Any]:
        """Detected facts of the run: kernel of the network, optimizer implementation, threads, versions."""


class Module(Protocol):
    """A loaded contender file."""

    DECLARES: dict[str, Any]

    def prepare(self, case: Case, tokens: "Tokens") -> Trial: ...


class PlanningModule(Protocol):
    """A loaded contender file that declares a `planner`."""

    def planned(self, case: Case, memory: float, link: float) -> Planned:
        """What the framework's own planner estimates of a case with several ranks, of which each has a machine to
        itself. memory, link: bytes per second of a rank's memory, and of what it sends. Raises Skip.
        """
