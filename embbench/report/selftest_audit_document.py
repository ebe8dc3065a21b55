"""The answers of the audit to lies and honest programs -> a Document."""

from collections.abc import Sequence

from embbench.report.document import Document, Grid, Sentences, only_filled
from embbench.store.tryout import FAILURES, Tryout

WORDS = {
    "caught": "✓ caught",
    "warned": "✓ warned",
    "passed": "PASSED",
    "accepted": "✓",
    "refused": "REFUSED",
    "absent": "–",
    "broke": "BROKE",
}


def selftest_audit_document(tried: Sequence[Tryout]) -> Document:
    """A grid of lies, a grid of honest programs, and the counts of verdicts."""
    grids = (_grid(tried, False, "lies", "finding"), _grid(tried, True, "honest programs", "what it does"))
    return Document(blocks=only_filled(*grids, Sentences(tuple(summary(tried)))), data={"tried": tried})


def _grid(tried: Sequence[Tryout], honest: bool, heading: str, last: str) -> Grid:
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


def summary(tried: Sequence[Tryout]) -> list[str]:
    """'85 lies, 90 rounds: 80 caught, 3 warned, 7 passed.', then a sentence per failure."""
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


def _finding(tried: Sequence[Tryout]) -> str:
    """The first finding of a lie; what an honest program does."""
    return tried[0].does if tried[0].honest else next((each.text for each in tried if each.verdict != "absent"), "")
