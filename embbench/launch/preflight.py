"""What can be said of a case before a process is started for it: whether it is supported, and whether it fits."""

from collections.abc import Callable

import msgspec

from embbench.contenders import Contender, missing_packages
from embbench.host.devices import list_devices
from embbench.host.memory import available_bytes
from embbench.spec.case import Case
from embbench.spec.contender import Path
from embbench.spec.footprint import footprint
from embbench.spec.tokens import drawing_bytes
from embbench.spec.units import format_quantity
from embbench.store.round import Status

# Resident memory of a worker before it builds anything: Python, NumPy, a framework and its pools. On a device:
# its context and kernels. Measured 0.25 to 0.45 GB; the rest is room for the allocator's rounding.
BASE_BYTES = 500_000_000


class Room(msgspec.Struct, frozen=True):
    """host: bytes that a new process can take now. devices: bytes that are free on each visible device, None where it
    does not tell; asked for device cases only.
    """

    host: Callable[[], int] = available_bytes
    devices: Callable[[], list[int | None]] = lambda: [device.free for device in list_devices()]


class Verdict(msgspec.Struct, frozen=True):
    """Why no worker is started for a case."""

    status: Status
    reason: str


def judge(case: Case, contender: Contender, room: Room, force: bool = False) -> Verdict | None:
    """None where the case may start. `force` starts it whether it fits or not."""
    path = contender.declaration.path(case)
    if isinstance(path, str):
        return Verdict("unsupported", path)
    missing = missing_packages(contender)
    if missing:
        return Verdict("unsupported", how_to_install(missing))
    if case.device != "cpu" and not room.devices():
        return Verdict("unsupported", f"no {case.device.upper()} device")
    needed, free = predicted_bytes(case, path), free_bytes(case, room)
    if free is not None and needed > free and not force:
        return Verdict(
            "skipped",
            f"needs about {format_quantity(needed, 'B')} of {_where(case)} memory, {format_quantity(free, 'B')} are "
            "free; --force measures it all the same",
        )
    return None


def predicted_bytes(case: Case, path: Path) -> int:
    """Memory of the case at its peak, a worker's own base included, where its table lies. On the host the token
    stream is drawn first; what that takes is free again when the table is made.
    """
    draw = drawing_bytes(case.tokens, case.vocab) if case.device == "cpu" else 0
    return max(draw, footprint(case, path.copies, path.lookups).total) + BASE_BYTES


def free_bytes(case: Case, room: Room) -> int | None:
    """What the case may take of the memory that its table lies in: the host's, or the first device's. None: unknown."""
    return room.host() if case.device == "cpu" else next(iter(room.devices()), 0)


def _where(case: Case) -> str:
    return "host" if case.device == "cpu" else "device"


def how_to_install(missing: tuple[str, ...]) -> str:
    """One line with what installs the missing packages, in whatever way embbench itself was installed."""
    return f"not installed: pip install {' '.join(missing)}"
