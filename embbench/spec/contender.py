"""The contract of a contender: what its file declares, and what its `prepare` returns.

A contender is one Python file. Its module-level literal DECLARES is read as data, never executed, by the parent
process, which must not import a framework; its `prepare(case, tokens)` runs in the worker only.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

import msgspec

from embbench.spec.case import Case

if TYPE_CHECKING:  # the parent reads declarations without loading NumPy
    import numpy as np

    from embbench.spec.streams import Tokens


class Skip(Exception):
    """Raised by `prepare` before any large allocation: this case makes no sense here, with the reason."""


class Unsupported(Skip):
    """Raised by `prepare`: this contender, or this machine, cannot do the case at all, with the reason."""


class Path(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one (update, optimizer) pair moves the table.

    semantic: its class, see `spec.semantics`. copies: table-sized arrays alive at the peak of a step, weights
    included. lookups: likewise (N, dim) arrays of the update. passes: reads and writes of the whole table a step.
    epsilon: where Adam adds it: 'corrected' to sqrt of the bias-corrected second moment, 'uncorrected' to sqrt of
    the raw one (Kingma and Ba 2015, end of section 2).
    """

    semantic: Literal["exact", "dense", "lazy", "rowwise"]
    copies: Annotated[float, msgspec.Meta(ge=1)] = 1.0
    lookups: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    passes: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    epsilon: Literal["corrected", "uncorrected"] = "corrected"


class Declaration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """DECLARES of a contender file.

    summary: one line. packages: distributions that it needs and whose versions belong to the result. updates: update
    -> optimizer -> a Path, or the reason why it is unsupported. lstm_biases: bias vectors that train per LSTM layer
    (PyTorch and cuDNN have two, Keras one).
    """

    summary: str
    packages: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    dtypes: tuple[str, ...] = ("float32",)
    tables: tuple[str, ...] = ("frozen", "trainable")
    updates: dict[str, dict[str, Path | str]]
    lstm_biases: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1

    def path(self, case: Case) -> Path | str:
        """The Path of the case's (update, optimizer), or why this contender cannot do the case, in one line."""
        for axis, valid in (("device", self.devices), ("dtype", self.dtypes), ("table", self.tables)):
            if getattr(case, axis) not in valid:
                return f"{axis}={getattr(case, axis)}: this contender has {', '.join(valid)}"
        if case.table == "frozen":
            return Path(semantic="exact")
        optimizers = self.updates.get(case.update)
        if optimizers is None:
            return f"update={case.update}: this contender has {', '.join(self.updates)}"
        return optimizers.get(case.optimizer, f"update={case.update} is not written for {case.optimizer}")

    def semantic(self, case: Case) -> str:
        """The semantic class that the audit holds the case to. Call only where `path` gave a Path."""
        path = self.path(case)
        assert isinstance(path, Path)
        return "frozen" if case.table == "frozen" else path.semantic


class Trial(Protocol):
    """One built case. Every method is called by the worker; only `step` and `sync` are called while timing."""

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


class Module(Protocol):
    """A loaded contender file."""

    DECLARES: dict[str, Any]

    def prepare(self, case: Case, tokens: "Tokens") -> Trial: ...
