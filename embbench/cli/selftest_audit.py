"""`embbench selftest --audit`: the answer of the audit to every lie and every honest program."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from embbench.cli.flags import AXIS_FLAGS, Flags

if TYPE_CHECKING:
    from embbench.contenders import Contender
    from embbench.launch.pythons import Pythons
    from embbench.lies import Plant
    from embbench.store.tryout import Tryout


def try_lies(flags: Flags, programs: str, format_name: str, output: Path | None, wait: bool) -> int:
    """Tries the programs, shows the table and returns the exit code. Raises UsageError, NothingMeasured."""
    from embbench.cases.units import rough_duration
    from embbench.cli.machine_lock import by_itself
    from embbench.cli.output import say
    from embbench.cli.show import show
    from embbench.errors import EXIT_BROKE, EXIT_INTERRUPTED, NothingMeasured
    from embbench.launch.executor import WORKER, ProcessExecutor
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.origin import find_origin
    from embbench.launch.tryout import carry_out, seconds_of, tries
    from embbench.report.selftest_audit_document import selftest_audit_document
    from embbench.store.tryout import FAILURES

    (contenders, pythons), axes = _contenders(flags), _axes(flags)
    to_try = tries(_plants(programs), contenders, axes)
    used = {each.name: each for each in contenders}
    origin = find_origin(used, pythons.chosen(used))
    names = ", ".join(each.name for each in contenders)
    say(f"{len(to_try)} rounds of {names}: about {rough_duration(seconds_of(to_try))}")
    tried: list[Tryout] = []
    with Interrupts() as interrupts, by_itself(wait, interrupts):
        for each in carry_out(to_try, ProcessExecutor(origin, interrupts, WORKER), lambda: bool(interrupts)):
            tried.append(each)
            say(f"[{len(tried)}/{len(to_try)}] {each.contender} {each.program}: {each.verdict} {each.text}")
        stopped = bool(interrupts)
    if stopped:
        say(f"interrupted after {len(tried)} of {len(to_try)} rounds; no round is saved")
    if all(each.verdict == "absent" for each in tried):
        if stopped:
            return EXIT_INTERRUPTED
        raise NothingMeasured("no contender supports a case of the programs; name other --program or --contender")
    show(selftest_audit_document(tried), format_name, output)
    if stopped:
        return EXIT_INTERRUPTED
    return EXIT_BROKE if any(each.verdict in FAILURES for each in tried) else 0


def _contenders(flags: Flags) -> "tuple[list[Contender], Pythons]":
    """The contenders to try, each with the file that its environment executes, and the other environments."""
    from embbench.cases.former import flags_of_today
    from embbench.contenders import discover, is_file
    from embbench.errors import UsageError, unknown
    from embbench.launch.pythons import ask_pythons, place_in
    from embbench.launch.tryout import one_of_each

    given = [name for value in flags["contender"] or () for name in value.split(",")]
    known = discover([name for name in given if is_file(name)])
    names = [Path(name).stem if name.endswith(".py") else name for name in given]
    pythons = ask_pythons(flags["python"], known)
    names = names or one_of_each(known, pythons)
    for name in names:
        if name not in known:
            today = flags_of_today(name)
            raise UsageError(f"--contender: {f'{name} is now {today}' if today else unknown('contender', name, known)}")
    return [place_in(known[name], pythons.of(known[name])) for name in names], pythons


def _axes(flags: Flags) -> dict[str, Any]:
    """Axis -> its value in all cases. Raises UsageError where an axis has several values."""
    from embbench.cases.axes import parse_axis
    from embbench.cases.tokens import FILES, parse_tokens
    from embbench.errors import UsageError

    chosen = {}
    for name in AXIS_FLAGS:
        if name != "contender" and flags[name]:
            values = parse_axis(name, flags[name])
            if len(values) > 1:
                raise UsageError(f"--{name}: the audit has a single case; give a single value, not {len(values)}")
            if name == "tokens" and parse_tokens(values[0]).kind in FILES:
                raise UsageError("--tokens: the audit needs drawn tokens, such as zipf:1, and no file")
            chosen[name] = values[0]
    return chosen


def _plants(names: str) -> "list[Plant]":
    from embbench.errors import UsageError, unknown
    from embbench.lies import plants

    known = plants()
    chosen = names.split(",") if names else list(known)
    for name in chosen:
        if name not in known:
            raise UsageError(f"--program: {unknown('program', name, known)}")
    return [known[name] for name in chosen]
