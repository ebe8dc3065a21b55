"""What the error of a contender means for its round."""

import contextlib
import traceback
from collections.abc import Iterator

from embbench.errors import shortened
from embbench.host.out_of_memory import of_host, ran_out, telling_line
from embbench.store.round import Status

LONGEST = 500  # characters of an exception's message that the reason quotes


def classify(error: Exception, device: str) -> tuple[Status, str]:
    """The round's status and reason. device: of the case."""
    said, text = _said(error), described(error)
    if isinstance(error, ImportError):
        return "unsupported", f"does not import: {text}"
    if isinstance(error, MemoryError):
        return "oom_host", text
    if ran_out(f"{type(error).__name__} {said}"):
        return ("oom_host" if device == "cpu" or of_host(said) else "oom_device"), text
    return "crash", text


def described(error: Exception) -> str:
    """'ValueError: its message' on one line: the line that says that memory ran out, else the first line."""
    name, lines = type(error).__name__, [line.strip() for line in _said(error).splitlines() if line.strip()]
    return f"{name}: {shortened(telling_line(lines), LONGEST)}" if lines else name


@contextlib.contextmanager
def memory_errors() -> Iterator[None]:
    """Raises MemoryError instead of a framework's own error that memory ran out, for phases whose lack of memory leaves
    the round as it is.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, MemoryError) or not ran_out(f"{type(error).__name__} {_said(error)}"):
            raise
        raise MemoryError(described(error)) from error


def _said(error: Exception) -> str:
    return str(traceback.TracebackException(type(error), error, None))  # also where its own __str__ fails
