"""The C library that programs of this system run on, as far as it says so itself."""

import os


def c_library() -> tuple[str, tuple[int, ...]] | None:
    """('glibc', (2, 36)); None where the library does not tell, as musl and macOS's do not."""
    try:
        text = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError):  # a system without the function, or without the name
        return None
    name, _, version = text.partition(" ")
    numbers = [part for part in version.split(".") if part.isdigit()]
    return (name, tuple(map(int, numbers))) if name and numbers else None
