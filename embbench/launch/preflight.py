"""What can be said of a case before a process is started for it: whether it is supported, and whether it fits."""

import functools
import shlex
from collections.abc import Callable

import msgspec

from embbench.contenders import Contender, missing_packages
from embbench.host.devices import list_devices
from embbench.host.memory import available_bytes
from embbench.launch.runtime_needs import lacking
from embbench.spec.case import Case
from embbench.spec.contender import Declaration, Path
from embbench.spec.runtimes import RUNTIMES
from embbench.spec.sources import Source, drawing_bytes
from embbench.spec.units import format_quantity
from embbench.spec.workload import MOST_ONEHOT
from embbench.store.round import Status
from embbench.workloads._footprint import footprint


class FreeMemory(msgspec.Struct, frozen=True):
    """host: bytes that a new process can take now. devices: bytes that are free on each visible device, None where it
    does not tell; asked for device cases only.
    """

    host: Callable[[], int] = available_bytes
    devices: Callable[[], list[int | None]] = lambda: [device.free for device in list_devices()]

    def now(self) -> "FreeMemory":
        """As it is at this moment, for many cases that are judged together: each is asked for once, when it is needed
        first.
        """
        return FreeMemory(functools.cache(self.host), functools.cache(self.devices))


class Refusal(msgspec.Struct, frozen=True):
    """Why no worker is started for a case."""

    status: Status
    reason: str


def find_refusal(
    case: Case,
    contender: Contender,
    room: FreeMemory,
    force: bool = False,
    missing: tuple[str, ...] | None = None,
    source: Source | None = None,
) -> Refusal | None:
    """None where the case may start. `force` starts it whether it fits or not. missing: packages, where the worker runs
    in another environment than this one. source: of the case's token stream.
    """
    path = contender.declaration.path(case)
    if isinstance(path, str):
        return Refusal("unsupported", path)
    missing = missing_packages(contender) if missing is None else missing
    if missing:
        return Refusal("unsupported", how_to_install(missing))
    if reason := lacking(case.runtime, case.device):
        return Refusal("unsupported", reason)
    if case.device != "cpu" and not room.devices():
        return Refusal("unsupported", f"no {case.device.upper()} device")
    vectors = case.rows_per_step * case.vocab * case.itemsize
    if case.table == "onehot" and vectors > MOST_ONEHOT and not force:
        told, most = format_quantity(vectors, "B"), format_quantity(MOST_ONEHOT, "B")
        return Refusal("skipped", f"a batch's one-hot vectors take {told}, the most is {most}; --force measures it")
    needed, free = predicted_bytes(case, contender.declaration, source), free_bytes(case, room)
    if free is not None and needed > free and not force:
        return Refusal(
            "skipped",
            f"needs about {format_quantity(needed, 'B')} of {_where(case)} memory, {format_quantity(free, 'B')} are "
            "free; --force measures it all the same",
        )
    return None


def predicted_bytes(case: Case, declaration: Declaration, source: Source | None = None) -> int:
    """Memory of a supported case at its peak, a worker's own base included, where its table lies, and what the heap of
    its runtime may keep. On the host the token stream is drawn first; what that takes is free again when the table is
    made.
    """
    path = declaration.path(case)
    assert isinstance(path, Path)
    draw = drawing_bytes(case.tokens, case.vocab, source) if case.device == "cpu" else 0
    copies = path.copies + (RUNTIMES[case.runtime].kept if path.passes else 0.0)
    theory = footprint(case, copies, path.lookups, declaration.onehot, path.itemsize(case))
    return max(draw, theory.total) + int(declaration.base)


def free_bytes(case: Case, room: FreeMemory) -> int | None:
    """What the case may take of the memory that its table lies in: the host's, or the first device's. None: unknown."""
    return room.host() if case.device == "cpu" else next(iter(room.devices()), 0)


def _where(case: Case) -> str:
    return "host" if case.device == "cpu" else "device"


def how_to_install(missing: tuple[str, ...]) -> str:
    """One line with the command that installs what is missing, in whatever way embbench itself was installed."""
    return f"not installed: pip install {shlex.join(missing)}"
