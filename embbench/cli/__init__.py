"""The verbs: the only rooms that print or exit. This module is their outermost frame.

It imports light modules only, so that a Ctrl-C meets `main` and not an import.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from embbench.cli.safe_stderr import Unfailing, discard
from embbench.cli.streams import open_to_all
from embbench.errors import EXIT_FAULT, EXIT_INTERRUPTED, EXIT_USAGE, MOST_OF_A_LINE, EmbbenchError, quoted, shortened
from embbench.plain import one_line
from embbench.store.faults import fault

WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code. Any failure is a single line on stderr."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it stays open
    open_to_all()
    with contextlib.redirect_stderr(Unfailing(sys.stderr)):
        try:
            return _guarded(arguments)
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the outermost frame: exit code 1 must mean a regression only
            return _complain(fault(error), EXIT_FAULT)
        finally:
            sys.stderr.flush()


def _guarded(arguments: Sequence[str] | None) -> int:
    code = 0
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has closed the pipe, which does not change the exit code
        discard(1)
    except OSError as error:
        if error.filename is None:
            discard(1)
        return _complain(_reason(error), EXIT_USAGE)
    except UnicodeEncodeError as error:
        if error.encoding.replace("-", "") == "utf8" or sys.getfilesystemencoding() == "utf-8":
            raise
        named = f"{quoted(error.object)}: a name that this locale ({error.encoding}) cannot spell"
        return _complain(f"{named}; set LC_ALL=C.UTF-8", EXIT_USAGE)
    return code


def _reason(error: OSError) -> str:
    """The file and its error; where the error names no file and writing failed, the file is stdout."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    return f"stdout: {reason}; results files are complete" if error.errno in WRITING else reason


def _invoke(arguments: Sequence[str] | None) -> int:
    program, *words = sys.argv if arguments is None else ["embbench", *arguments]
    try:
        from embbench.cli.verbs import call

        return call(program, words)
    except EmbbenchError as error:
        return _complain(str(error), error.exit_code)
    except SystemExit:  # typer exits so for a reader that closed the pipe; 1 would mean a regression
        discard(1)
        return 0


def _complain(text: str, code: int) -> int:
    print(f"embbench: {shortened(one_line(text), MOST_OF_A_LINE)}", file=sys.stderr)
    return code
