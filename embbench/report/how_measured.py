"""How the numbers were measured, in words: rounds, dates, samples left out, disturbances, warnings."""

from collections.abc import Sequence

from embbench.analysis.collapse.axes import named, naming_axes
from embbench.analysis.collapse.collapse import Result
from embbench.analysis.collapse.undisturbed import is_cut, is_disturbed
from embbench.plain import one_line
from embbench.store.round import Round

MOST_VALUES = 4  # of a fact


def protocol_text(results: Sequence[Result]) -> str:
    protocols = list(dict.fromkeys(round_.protocol for result in results for round_ in result.rounds))
    texts = list(dict.fromkeys(f"{p.preset}, {p.budget:g} s of samples per round" for p in protocols))[:MOST_VALUES]
    return " · ".join(filter(None, (" / ".join(texts), _rounds_of(results))))


def how_sure(results: Sequence[Result]) -> str:
    """'2 to 5 rounds (fresh processes) per case, medians with 95 % intervals; 2 warnings'."""
    rounds = [round_ for result in results for round_ in result.rounds]
    warnings = len({warning.code for round_ in rounds for warning in round_.warnings})
    text = _rounds_of(results) or "no case has a number"
    return text + (f"; {warnings} warning{'s' if warnings != 1 else ''}" if warnings else "")


def _rounds_of(results: Sequence[Result]) -> str:
    """'' where no case has a number."""
    counts = sorted({len(result.good) for result in results if result.good})
    if not counts:
        return ""
    most = counts[-1]
    number = str(most) if len(counts) == 1 else f"{counts[0]} to {most}"
    meaning = "medians with 95 % intervals" if most > 1 else "one round has no interval"
    return f"{number} round{'s' if most > 1 else ''} (fresh processes) per case, {meaning}"


def left_out(results: Sequence[Result]) -> str:
    """The number of rounds whose step times leave samples out; '' for none."""
    rounds = [line for result in results for line in result.good]
    cut = sum(map(is_cut, rounds))
    what = "samples whose threads waited for a CPU while other programs ran"
    return f"{what}, in {cut} of {len(rounds)} rounds; step times use the other samples" if cut else ""


def disturbed(results: Sequence[Result]) -> str:
    """The cases most of whose samples other programs disturbed; '' for none."""
    axes = naming_axes(results)
    within = [named(axes, each) for each in results if sum(map(is_disturbed, each.good)) > len(each.good) / 2]
    names = ", ".join(within[:MOST_VALUES]) + (", …" if len(within) > MOST_VALUES else "")
    return f"other programs ran during most samples of {names}" if within else ""


def dates(rounds: Sequence[Round]) -> str:
    started = sorted(round_.started for round_ in rounds if round_.started)
    number = f"{len(rounds)} round{'s' if len(rounds) != 1 else ''}"
    if not started:
        return number
    first, last = (text[:16].replace("T", " ") for text in (started[0], started[-1]))
    when = first if first == last else f"{first} to {last[11:] if first[:10] == last[:10] else last}"
    return f"{when} UTC · {number}"


def warnings_of(rounds: Sequence[Round]) -> list[str]:
    """A line per code, with its number of rounds and its first text."""
    by_code: dict[str, list[str]] = {}
    for round_ in rounds:
        for code, text in {warning.code: warning.text for warning in round_.warnings}.items():
            by_code.setdefault(code, []).append(one_line(text))
    lines = []
    for texts in by_code.values():
        example = "" if len(set(texts)) == 1 else "for example "
        lines.append(f"in {len(texts)} of {len(rounds)} rounds: {example}{texts[0]}")
    return lines
