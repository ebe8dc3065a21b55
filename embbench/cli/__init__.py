"""The verbs. The only rooms that print or exit. Here is the outermost frame of all of them.

Only the standard library and what is as light is imported above: a Ctrl-C must meet `main`, not an import.
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
    """Runs the command line and gives its exit code; every failure, whose ever it is, is one line on stderr."""
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
    except BrokenPipeError:  # nobody reads on; that changes nothing of what came out
        discard(1)
    except OSError as error:
        if error.filename is None:
            discard(1)
        return _complain(_told(error), EXIT_USAGE)
    except UnicodeEncodeError as error:
        if error.encoding.replace("-", "") == "utf8" or sys.getfilesystemencoding() == "utf-8":
            raise
        named = f"{quoted(error.object)}: a name that this locale ({error.encoding}) cannot spell"
        return _complain(f"{named}; set LC_ALL=C.UTF-8", EXIT_USAGE)
    return code


def _told(error: OSError) -> str:
    """What could not be done to which file; where none is named and writing failed, it was stdout."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    return f"stdout: {reason}; results files are whole" if error.errno in WRITING else reason


def _invoke(arguments: Sequence[str] | None) -> int:
    program, *told = sys.argv if arguments is None else ["embbench", *arguments]
    try:
        from embbench.cli.verbs import call

        return call(program, told)
    except EmbbenchError as error:
        return _complain(str(error), error.exit_code)
    except SystemExit:  # typer's answer to a reader that closed the pipe; 1 would read as a regression
        discard(1)
        return 0


def _complain(text: str, code: int) -> int:
    print(f"embbench: {shortened(one_line(text), MOST_OF_A_LINE)}", file=sys.stderr)
    return code
