"""The verdict on an input."""

import itertools
import json
import re
from pathlib import Path

import msgspec

from embbench.errors import (
    EXIT_BROKE,
    EXIT_INCONCLUSIVE,
    EXIT_INTERRUPTED,
    EXIT_NOTHING_MEASURED,
    EXIT_REGRESSION,
    EXIT_USAGE,
)

ANYWHERE = {0, EXIT_USAGE, EXIT_BROKE, EXIT_NOTHING_MEASURED, EXIT_INTERRUPTED}
DECIDING = {"compare", "ab", "gate"}  # only these verbs may answer "regression" or "undecided"
TRACE = re.compile(r"/\S{,200}?embbench-fault-\w{,20}\.txt")
# Signs that move a cursor, colour text, break a line or change the direction of text; a newline ends our own lines.
MOVING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Verdict(msgspec.Struct, frozen=True):
    """number: of the input, from 0. kind: of the input, for the table. failure: '' if everything is as documented.
    told: the input and embbench's output, cut to a readable length.
    """

    number: int
    kind: str
    code: int
    failure: str
    told: str


def assess(number: int, kind: str, arguments: list[str], code: int, out: bytes, err: bytes) -> Verdict:
    """The verdict on a command line that has ended. arguments: the verb first."""
    said = err.decode("utf-8", "replace").strip()
    if trace := TRACE.search(said):
        said = Path(trace[0]).read_text(encoding="utf-8", errors="replace").strip()
    return Verdict(number, kind, code, _failure(arguments, code, out, err), f"{arguments!r:.300} -> {said[-500:]!r}")


def _failure(arguments: list[str], code: int, out: bytes, err: bytes) -> str:
    verb = arguments[0] if arguments else ""
    if b"Traceback (most recent call last)" in err + out:
        return "a traceback"
    if code not in ANYWHERE | ({EXIT_REGRESSION, EXIT_INCONCLUSIVE} if verb in DECIDING else set()):
        return f"exit code {code}"
    if code == EXIT_USAGE and not err.strip():
        return "refused without a word"
    for name, data in (("stdout", out), ("stderr", err)):
        if found := MOVING.search(data.decode("utf-8", "replace")):
            return f"{found[0]!r} on {name}"
    if code == 0 and asks_for_json(arguments):
        return _json_failure(out)
    return ""


def asks_for_json(arguments: list[str]) -> bool:
    """Whether the answer on stdout must be JSON."""
    if any(each.startswith(("--output", "-h", "--help", "--version")) for each in arguments):
        return False
    formats = [b for a, b in itertools.pairwise(arguments) if a == "--format"]
    return bool(formats) and formats[-1] == "json"


def _json_failure(out: bytes) -> str:
    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    try:
        json.loads(out.decode("utf-8" if _is_utf8(out) else "latin-1"), parse_constant=refuse)
    except ValueError as error:
        return f"stdout is not JSON: {error}"
    return ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
