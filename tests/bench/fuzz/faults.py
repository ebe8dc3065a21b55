"""Faults that strike a real run at a random moment: its worker, its parent, its disk, its clock, its pipes.

An input starts `embbench run` of a small NumPy case as a process with real workers, strikes it, and checks: the exit
code is documented, stderr has only messages that a user can act on, the results file has every round that was shown as
finished, no process of the run is left, and the same command continues to the end.
"""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from embbench.errors import FileError
from embbench.store.journal import read_rounds
from tests.bench.fuzz.said import GONE, Said
from tests.bench.fuzz.strikes import FAULTS, MARK, STOPPED, Fault, Struck, family
from tests.bench.fuzz.verdict import MOVING, Verdict

COMMAND = [
    *("run", "--contender", "numpy", "--table", "trainable", "--update", "default", "--optimizer", "sgd"),
    *("--vocab", "300", "--dim", "4", "--hidden", "4", "--batch", "4", "--seq", "4"),
    *("--budget", "0.05", "--rounds", "2", "--out", "r.jsonl"),
]
ROUNDS = 2
DRIVER = "import sys; from embbench.cli import main; sys.exit(main())"
# As `site` runs it in the parent and in every worker: the calendar goes back by a day at a moment of its own. The
# moment is no part of the file, since the file's digest is part of what a round was measured with.
CLOCK = """
import datetime, os, time
_begun, _real = time.monotonic(), datetime.datetime
_moment = float(os.environ["EMBBENCH_FUZZ_CLOCK"])
class datetime_(_real):
    @classmethod
    def now(cls, tz=None):
        back = datetime.timedelta(days=1) if time.monotonic() - _begun > _moment else datetime.timedelta()
        return _real.now(tz) - back
datetime.datetime = datetime_
"""
LATEST = 2.5  # seconds after the first output: the latest moment of a fault
EARLY = 0.3  # seconds: an earlier fault may strike a process that is still starting
HUNG = -1000
LONGEST = 120.0  # seconds of a command
FINISHED = re.compile(r"^  (?:step |numpy )", re.MULTILINE)  # a line of the progress with the result of a round


def verdicts(seed: int, first: int, last: int) -> Iterator[Verdict]:
    return (one(seed, number) for number in range(first, last))


def one(seed: int, number: int) -> Verdict:
    """Starts a run in a new directory, strikes it, and checks what is left."""
    rng = random.Random(f"faults/{seed}/{number}")
    name = list(FAULTS)[number % len(FAULTS)]
    fault, moment = FAULTS[name], rng.uniform(0.0, LATEST)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as top:
        place, mark = Path(top), f"{seed}-{number}-{os.getpid()}"
        try:
            code, said, failure = _struck(place, mark, fault, moment)
        finally:
            place.joinpath("work").chmod(0o755)
        told = f"{name} after {moment:.2f} s -> {said[-300:]!r}"
    return Verdict(number, name, code, failure, told)


def _struck(place: Path, mark: str, fault: Fault, moment: float) -> tuple[int, str, str]:
    """(exit code, stderr, failure or '')."""
    code, said = _run(place, mark, fault, moment)
    failure = _left(place, mark, fault, code, said)
    if failure:
        return code, said, failure
    place.joinpath("work").chmod(0o755)
    again, said_again = _run(place, f"{mark}-again", Fault(fault.again), None)
    if again not in fault.again:
        return code, said_again, f"the same command again ends with {again}"
    found = {each.round for each in read_rounds([place / "work" / "r.jsonl"])[0] if each.status == "ok"}
    if again == 0 and len(found) < ROUNDS:
        return code, said_again, f"the same command again leaves {len(found)} rounds of {ROUNDS}"
    return code, said, ""


def _run(place: Path, mark: str, fault: Fault, moment: float | None) -> tuple[int, str]:
    """(exit code, stderr)."""
    for name in ("work", "temporary", "site"):
        (place / name).mkdir(exist_ok=True)
    (place / "site" / "sitecustomize.py").write_text(CLOCK)
    paths = os.pathsep.join([str(place / "site"), os.environ.get("PYTHONPATH", "")])
    told = {MARK: mark, "TMPDIR": str(place / "temporary"), "PYTHONPATH": paths, "COLUMNS": "100"}
    told["EMBBENCH_FUZZ_CLOCK"] = str(moment if fault.clock and moment is not None else float("inf"))
    with Said() as said:
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, *COMMAND],
            cwd=place / "work",
            env={**os.environ, **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: _prepare(fault.limit),
        )
        said.listen(process)
        if fault.strike is not None and moment is not None:
            # From the first output on, because the start of Python depends on the machine.
            said.begun.wait(LONGEST if moment > EARLY else 0.0)
            time.sleep(moment)
            fault.strike(Struck(process, mark, place / "work", said))
        try:
            code = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = HUNG
    return code, said.text


def _prepare(size: int | None) -> None:
    """Runs before the command. A caller in the background may ignore signals, and so would the command."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _left(place: Path, mark: str, fault: Fault, code: int, said: str) -> str:
    """The fault in what the command left behind; '' for none."""
    if "Traceback (most recent call last)" in said and code >= 0:
        return "a traceback"
    if code not in fault.codes:
        return f"exit code {code}"
    if found := MOVING.search(said):
        return f"{found[0]!r} on stderr"
    until = time.monotonic() + GONE
    while left := family(mark):
        if time.monotonic() > until:
            return f"{len(left)} processes are left"
        time.sleep(0.05)
    journal = place / "work" / "r.jsonl"
    try:
        rounds = read_rounds([journal])[0] if journal.exists() and journal.stat().st_size else []
    except FileError as error:
        if "no rounds" not in str(error):
            return f"the results file cannot be read: {error}"
        rounds = []
    shown = len(FINISHED.findall(said))
    if shown > len(rounds):
        return f"{shown} rounds were shown as finished, {len(rounds)} are saved"
    if fault.tidy and code in (0, *STOPPED) and any((place / "temporary").iterdir()):
        return f"temporary files are left: {sorted(each.name for each in (place / 'temporary').iterdir())}"
    return ""
