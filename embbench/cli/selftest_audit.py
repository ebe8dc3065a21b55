"""`embbench selftest --audit`: the answer of the audit to every lie and every honest program."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embbench.cli.flags import AXIS_FLAGS, Flags

if TYPE_CHECKING:
    from embbench.contenders import Contender
    from embbench.launch.tryout import Tryout
    from embbench.lies import Plant
    from embbench.report.document import Document, Grid

WORDS = {
    "caught": "✓ caught",
    "warned": "✓ warned",
    "passed": "PASSED",
    "accepted": "✓",
    "refused": "REFUSED",
    "absent": "–",
    "broke": "BROKE",
}


def try_lies(flags: Flags, programs: str, format_name: str, output: Path | None, wait: bool) -> int:
    """Tries the programs, shows the table and returns the exit code. Raises UsageError, NothingMeasured."""
    from embbench.cli.machine_lock import by_itself
    from embbench.cli.output import say
    from embbench.cli.show import show
    from embbench.errors import EXIT_BROKE, EXIT_INTERRUPTED, NothingMeasured
    from embbench.launch.estimate import duration
    from embbench.launch.executor import WORKER, ProcessExecutor
    from embbench.launch.interrupts import Interrupts
    from embbench.launch.origin import find_origin
    from embbench.launch.tryout import FAILURES, carry_out, seconds_of, tries

    contenders, axes = _contenders(flags), _axes(flags)
    to_try = tries(_plants(programs), contenders, axes)
    origin = find_origin({each.name: each for each in contenders})
    names = ", ".join(each.name for each in contenders)
    say(f"{len(to_try)} rounds of {names}: about {duration(seconds_of(to_try))}")
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
    show(tryout_document(tried), format_name, output)
    if stopped:
        return EXIT_INTERRUPTED
    return EXIT_BROKE if any(each.verdict in FAILURES for each in tried) else 0


def tryout_document(tried: "Sequence[Tryout]") -> "Document":
    """A grid of lies, a grid of honest programs, and the counts of verdicts."""
    from embbench.report.document import Document, Sentences, only_filled

    grids = (_grid(tried, False, "lies", "finding"), _grid(tried, True, "honest programs", "what it does"))
    return Document(blocks=only_filled(*grids, Sentences(tuple(summary(tried)))), data={"tried": tried})


def _grid(tried: "Sequence[Tryout]", honest: bool, heading: str, last: str) -> "Grid":
    from embbench.report.document import Grid

    names = tuple(dict.fromkeys(each.contender for each in tried))
    rows: dict[str, dict[str, Tryout]] = {}
    for each in tried:
        if each.honest == honest:
            rows.setdefault(each.program, {})[each.contender] = each
    return Grid(
        headings=(heading, *names, last),
        left=(heading, *names, last),
        wraps=(last,),
        rows=tuple(
            (
                program,
                *(WORDS[by[name].verdict] if name in by else WORDS["absent"] for name in names),
                _finding(list(by.values())),
            )
            for program, by in rows.items()
        ),
    )


def summary(tried: "Sequence[Tryout]") -> list[str]:
    """'85 lies, 90 rounds: 80 caught, 3 warned, 7 passed.', then a sentence per failure."""
    from embbench.launch.tryout import FAILURES

    sentences = []
    for honest, what in ((False, "lies"), (True, "honest programs")):
        mine = [each for each in tried if each.honest == honest and each.verdict != "absent"]
        if mine:
            verdicts = dict.fromkeys(each.verdict for each in mine)
            counts = ", ".join(f"{sum(each.verdict == name for each in mine)} {name}" for name in verdicts)
            programs = len({each.program for each in mine})
            sentences.append(f"{programs} {what}, {len(mine)} rounds: {counts}.")
    failed = [each for each in tried if each.verdict in FAILURES]
    sentences += [
        f"! {each.contender} {each.program}: {each.verdict}. {each.does} {each.text}".rstrip() for each in failed
    ]
    return sentences


def _finding(tried: "Sequence[Tryout]") -> str:
    """The first finding of a lie; what an honest program does."""
    return tried[0].does if tried[0].honest else next((each.text for each in tried if each.verdict != "absent"), "")


def _contenders(flags: Flags) -> "list[Contender]":
    from embbench.cases.former import flags_of_today
    from embbench.contenders import discover, is_file
    from embbench.errors import UsageError, unknown
    from embbench.launch.tryout import one_of_each

    given = [name for value in flags["contender"] or () for name in value.split(",")]
    known = discover([name for name in given if is_file(name)])
    names = [Path(name).stem if name.endswith(".py") else name for name in given] or one_of_each(known)
    for name in names:
        if name not in known:
            today = flags_of_today(name)
            raise UsageError(f"--contender: {f'{name} is now {today}' if today else unknown('contender', name, known)}")
    return [known[name] for name in names]


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
