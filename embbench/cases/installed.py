"""What a Python environment has installed for a contender."""

import msgspec


class Installed(msgspec.Struct, frozen=True):
    """A contender in an environment. path: of its file. software: versions in which its rounds must agree. missing:
    requirements to install there before the contender can run. packages: declared package -> version, None for a
    missing package. cuda: why it cannot use a GPU there, and the shell commands that change it; '' for none. beware:
    device -> known faults of these versions.

    The fields with a default are missing in the answer of an older embbench, which `ab` may ask.
    """

    path: str
    software: dict[str, str]
    missing: tuple[str, ...] = ()
    packages: dict[str, str | None] = {}
    cuda: tuple[str, str] = ("", "")
    beware: dict[str, tuple[str, ...]] = {}
