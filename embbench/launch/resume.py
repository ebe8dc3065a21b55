"""The file of a run, and whether the run may resume the rounds in it."""

import re
from collections.abc import Iterable
from pathlib import Path

from embbench.cases.case import case_id, label
from embbench.cases.plan import Plan
from embbench.cases.protocol import MEASURING
from embbench.errors import FileError
from embbench.launch.edited_code import edited
from embbench.launch.origin import Origin, was_started
from embbench.store.journal import read_rounds
from embbench.store.machine import difference
from embbench.store.round import Round

DIRECTORY = Path("results/local")
FRESH = "--fresh measures into a new file"
OTHER_FILE = "name another file: --out FILE"
MACHINE = {
    "cpu": "CPU", "cpus": "CPUs", "memory": "bytes of memory", "system": "system", "devices": "devices",
    "quota": "a quota of CPUs of", "limit": "a limit of bytes of memory of", "id": "machine",
    "fingerprint": "a machine of fingerprint",
}  # fmt: skip


def choose_file(plan: Plan, out: Path | None, fresh: bool, day: str, directory: Path = DIRECTORY) -> Path:
    """The journal of this run: `out`, or the newest file of the same plan. Without such a file, or with `fresh`, a new
    file.

    A new file is named `<day>-<suite>-<plan id>.jsonl`, and -2, -3 … is added to further files of a day. day: ISO 8601.
    Raises FileError: `fresh` with an `out` that exists, or a directory that cannot be read.
    """
    if out is not None:
        if fresh and _exists(out):
            raise FileError(f"{out}: exists, and --fresh never overwrites; name another file: --out FILE")
        return out
    found = _files(plan, directory)
    if found and not fresh:
        return directory / max(found, key=lambda name: found[name])
    stem = f"{day}-{plan.suite}-{plan.plan_id}"
    last = max((number for then, number in found.values() if then == day), default=0)
    return directory / (f"{stem}-{last + 1}.jsonl" if last else f"{stem}.jsonl")


def renewed(path: Path, plan: Plan, origin: Origin, day: str) -> Path:
    """The file, or a new file where its rounds do not mix with new rounds: the user has edited a model, or embbench is
    another version. day: see `choose_file`. Raises FileError for a file that cannot be read.
    """
    if not _exists(path):
        return path
    rounds, _ = read_rounds([path])
    try:
        check_same(path, rounds, plan, origin)
    except FileError:
        return choose_file(plan, None, True, day, path.parent)
    return path


def check_same(path: Path, rounds: Iterable[Round], plan: Plan, origin: Origin, remedy: str = FRESH) -> None:
    """Raises FileError naming the first difference between finished rounds of the plan's cases and this run, and the
    remedy.
    """
    cases = {case_id(case) for case in plan.cases}
    for round_ in rounds:
        if round_.case_id in cases and round_.finished and was_started(round_):
            difference = _difference(round_, plan, origin)
            if difference:
                raise FileError(
                    f"{path}: the rounds of {label(round_.case)} in it were measured with {difference}; the two do not "
                    f"mix: {remedy}"
                )


def _difference(round_: Round, plan: Plan, origin: Origin) -> str:
    """'python 3.11.7, now it is 3.12.0'; '' if nothing differs that changes numbers."""
    for field in MEASURING:
        then, today = getattr(round_.protocol, field), getattr(plan.protocol, field)
        if then != today:
            return f"{field} {then}, now it is {today}"
    if (machine := difference(round_.machine, origin.machine)) is not None:
        name, before, now = machine
        return f"{MACHINE[name]} {before}, now it is {now}"
    if round_.case.device != "cpu" and round_.machine.get("driver") != origin.machine.get("driver"):
        return f"driver {round_.machine.get('driver', 'unknown')}, now it is {origin.machine.get('driver')}"
    today = origin.software.get(round_.case.contender, {})
    for name in dict.fromkeys((*today, "allocator") if today else ()):  # only the allocator may be missing on one side
        if round_.software.get(name) != today.get(name):
            what = f"the file of contender {round_.case.contender}," if name == "contender" else name
            return f"{what} {round_.software.get(name, 'unknown')}, now it is {today.get(name, 'none')}"
    environment = origin.environments.get(round_.case.contender)
    distributions = None if environment is None else environment.inventory.distributions
    return edited(round_.loaded, origin.folders.get(round_.case.contender, ""), distributions)


def kept(path: Path) -> str:
    """A text about the file of an interrupted run. A run that only waited for another run has no file."""
    return f"every finished round is in {path}" if path.exists() else "nothing was measured yet"


def _exists(out: Path) -> bool:
    try:
        return out.exists()
    except OSError as error:
        raise FileError(f"{out}: {error.strerror}; name another file: --out FILE") from None


def _files(plan: Plan, directory: Path) -> dict[str, tuple[str, int]]:
    """Names of the plan's files -> (day, number within the day)."""
    pattern = re.compile(rf"(\d{{4}}-\d\d-\d\d)-{re.escape(plan.suite)}-{plan.plan_id}(?:-(\d+))?\.jsonl")
    try:
        names = [path.name for path in directory.iterdir()] if directory.exists() else []
    except OSError as error:
        raise FileError(f"{directory}: cannot be read: {error.strerror}; name a file: --out FILE") from None
    matches = {name: match for name in names if (match := pattern.fullmatch(name))}
    return {name: (match[1], int(match[2] or 1)) for name, match in matches.items()}
