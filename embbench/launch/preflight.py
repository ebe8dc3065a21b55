"""Checks of a case before a process starts: whether the case is supported, and whether it fits into memory."""

import functools
from collections.abc import Callable

import msgspec

from embbench.cases.case import Case
from embbench.cases.contender import Declaration
from embbench.cases.runtimes import RUNTIMES
from embbench.cases.sources import Source, drawing_bytes
from embbench.cases.units import format_quantity
from embbench.cases.update_path import Path
from embbench.cases.workload import MOST_ONEHOT
from embbench.contenders import Contender, install_command, missing_packages
from embbench.contenders._cuda import cuda_lack
from embbench.host.devices import list_devices
from embbench.host.memory import available_bytes
from embbench.launch.inventory import PythonEnvironment, with_python
from embbench.launch.runtime_needs import lacking
from embbench.store.round import Status
from embbench.workloads._footprint import footprint_of


class FreeMemory(msgspec.Struct, frozen=True):
    """host: bytes that a new process can take now. devices: free bytes of each visible device, None if unknown; only
    called for device cases.
    """

    host: Callable[[], int] = available_bytes
    devices: Callable[[], list[int | None]] = lambda: [device.free for device in list_devices()]

    def now(self) -> "FreeMemory":
        """The free memory of this moment, for many cases that are checked together. Host and devices are read once, at
        their first use.
        """
        return FreeMemory(functools.cache(self.host), functools.cache(self.devices))


class Refusal(msgspec.Struct, frozen=True):
    """The reason why no worker is started for a case."""

    status: Status
    reason: str


class Lacks(msgspec.Struct, frozen=True):
    """What the environment that runs a contender lacks, on a line with the commands that change it; '' for nothing.
    packages: for any work. cuda: for work on a GPU.
    """

    packages: str
    cuda: str


def lacks_of(contender: Contender, environment: PythonEnvironment | None = None) -> Lacks:
    """environment: runs the contender, and knows it; None for this process's own."""
    if environment is None or (there := environment.of(contender.name)) is None:
        missing, (reason, command) = missing_packages(contender), cuda_lack(contender.declaration, 1)
        python = ""
    else:
        missing, (reason, command), python = there.missing, there.cuda, environment.python
    cuda = f"{reason}: {with_python(command, python)}" if command else ""
    return Lacks(how_to_install(missing, python) if missing else "", cuda)


def find_refusal(
    case: Case,
    contender: Contender,
    room: FreeMemory,
    force: bool = False,
    lacks: Lacks | None = None,
    source: Source | None = None,
) -> Refusal | None:
    """The reason not to start the case; None if the case may start. force: start even if the case does not fit.
    lacks: of the environment that runs the contender; None to look in this environment. source: the file of the token
    stream.
    """
    path = contender.declaration.path(case)
    if isinstance(path, str):
        return Refusal("unsupported", path)
    lacks = lacks_of(contender) if lacks is None else lacks
    if lacks.packages:
        return Refusal("unsupported", lacks.packages)
    if reason := lacking(case.runtime, case.device):
        return Refusal("unsupported", reason)
    if case.device != "cpu" and not room.devices():
        return Refusal("unsupported", f"no {case.device.upper()} device; `embbench doctor` shows why")
    if case.device != "cpu" and lacks.cuda:
        return Refusal("unsupported", lacks.cuda)
    vectors = case.rows_per_step * case.vocab * case.itemsize
    if case.table == "onehot" and vectors > MOST_ONEHOT and not force:
        size, limit = format_quantity(vectors, "B"), format_quantity(MOST_ONEHOT, "B")
        text = f"the one-hot vectors of a batch take {size}, more than the limit of {limit}; --force measures the case"
        return Refusal("skipped", text)
    needed, free = predicted_bytes(case, contender.declaration, source), free_bytes(case, room)
    if free is not None and needed > free and not force:
        return Refusal(
            "skipped",
            f"needs about {format_quantity(needed, 'B')} of {_where(case)} memory, but only "
            f"{format_quantity(free, 'B')} are free; --force measures the case anyway",
        )
    return None


def predicted_bytes(case: Case, declaration: Declaration, source: Source | None = None) -> int:
    """Predicted peak in bytes of a supported case, in the memory of its table. It includes the worker's base, and what
    the heap of the runtime may keep. On the host the token stream is drawn first; its memory is free again when the
    table is made. The processes of a case share the host.
    """
    path = declaration.path(case)
    assert isinstance(path, Path)
    draw = drawing_bytes(case.tokens, case.vocab, source) if case.device == "cpu" else 0
    theory = footprint_of(case, declaration, RUNTIMES[case.runtime].kept if path.passes else 0.0)
    largest = max(draw, theory.total) + int(declaration.base)
    if declaration.one_process:
        return largest
    if case.ranks > 1 and declaration.spread_of(case) == "tables":  # the others have everything but the table
        return largest + (case.ranks - 1) * (theory.model + theory.activations + int(declaration.base))
    return case.ranks * largest


def free_bytes(case: Case, room: FreeMemory) -> int | None:
    """Free bytes of the memory of the case's table, on the host or on the first device; None if unknown."""
    return room.host() if case.device == "cpu" else next(iter(room.devices()), 0)


def _where(case: Case) -> str:
    return "host" if case.device == "cpu" else "device"


def how_to_install(missing: tuple[str, ...], python: str = "") -> str:
    """One line with the command that installs the missing packages. python: of another environment, which gets them."""
    return f"not installed: {with_python(install_command(missing), python)}"
