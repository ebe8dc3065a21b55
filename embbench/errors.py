"""The errors of embbench with their exit codes.

Exit codes: 0 pass · 1 a regression is shown, and nothing else · 2 usage or broken file · 3 inconclusive · 4 a case
broke, or a selftest failed · 5 nothing measured or not comparable · 70 a fault of embbench itself · 130 interrupted,
journal kept.
"""

import difflib
import re
from collections.abc import Iterable

MOST_OF_A_NAME = 100  # characters
MOST_OF_A_LINE = 4000
_RUN_OF_BYTES = re.compile("[\udc80-\udcff]+")
_SPELT_BYTE = re.compile(r"\\udc([89a-f][0-9a-f])")

EXIT_REGRESSION = 1
EXIT_USAGE = 2
EXIT_INCONCLUSIVE = 3
EXIT_BROKE = 4
EXIT_NOTHING_MEASURED = 5
EXIT_FAULT = 70  # EX_SOFTWARE of <sysexits.h>
EXIT_INTERRUPTED = 130


class EmbbenchError(Exception):
    """A failure that the user can act on. Its text is a line: what is wrong, where, and what to do."""

    exit_code = EXIT_USAGE


class UsageError(EmbbenchError):
    """A wrong flag, axis value or suite file."""


class FileError(EmbbenchError):
    """A results file or directory that cannot be read, trusted or written."""


class NothingMeasured(EmbbenchError):
    """No case of the run has a number."""

    exit_code = EXIT_NOTHING_MEASURED


def shortened(text: str, most: int) -> str:
    """The text, cut to about `most` characters, with its length: a damaged file may hold a megabyte for a name."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"


def quoted(value: object) -> str:
    r"""A user's text in quotation marks, for a message. A locale such as C turns the bytes of '≥' into surrogates: they
    are read as UTF-8, and other bytes are spelt \xe9.
    """
    if not isinstance(value, str):
        return repr(value)
    text = _RUN_OF_BYTES.sub(
        lambda match: match[0].encode("ascii", "surrogateescape").decode("utf-8", "surrogateescape"), value
    )
    return _SPELT_BYTE.sub(r"\\x\1", repr(text))


def unknown(what: str, name: str, known: Iterable[str], listing: str = "") -> str:
    """A line with the unknown name of a `what`, the nearest valid name if there is one, and all valid names. listing:
    the command that lists the valid names, if these are too many for a line; then the nearest three are named.
    """
    names, name = sorted(known), shortened(name, MOST_OF_A_NAME)
    folded = {known.casefold(): known for known in names}
    nearest = difflib.get_close_matches(name.strip().casefold(), folded, n=3 if listing else 1)
    *sooner, last = [quoted(folded[each]) for each in nearest] or [""]
    hint = f"did you mean {', '.join(sooner)}{' or ' if sooner else ''}{last}? " if nearest else ""
    valid = f"`{listing}` shows all" if listing else f"valid: {', '.join(names) or 'none'}"
    return f"unknown {what} {quoted(name)}: {hint}{valid}"
