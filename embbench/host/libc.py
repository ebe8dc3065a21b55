"""The C library of this system, as far as it identifies itself."""

import os


def c_library() -> tuple[str, tuple[int, ...]] | None:
    """('glibc', (2, 36)); None for a library that does not identify itself, such as musl or macOS's."""
    try:
        text = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError):  # a system without the function, or without the name
        return None
    name, _, version = text.partition(" ")
    numbers = [part for part in version.split(".") if part.isdigit()]
    return (name, tuple(map(int, numbers))) if name and numbers else None
