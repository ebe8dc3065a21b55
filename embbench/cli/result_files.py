"""Results files for verbs, with warnings about odd files on stderr."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embbench.cli.flags import one_of
from embbench.cli.output import say

if TYPE_CHECKING:
    from embbench.cases.suite import Suite
    from embbench.store.round import Round

Twins = Annotated[
    str,
    typer.Option(
        "--across",
        metavar="twin",
        help="Compare across machines: twin lets machines of one kind count as one machine.",
        show_default=False,
    ),
]


def read(files: Iterable[Path]) -> "list[Round]":
    """The rounds of all files in order. Raises FileError (see `read_rounds`)."""
    from embbench.store.journal import read_rounds
    from embbench.store.outside import admit

    rounds, warnings = read_rounds(files)
    for warning in warnings:
        say(warning, "warning")
    return [admit(each) for each in rounds]


def allows_twins(across: str) -> bool:
    """The value of `Twins`. Raises UsageError."""
    return bool(across) and one_of("across", across, ("twin",)) == "twin"


def suite_of(rounds: "Sequence[Round]") -> "Suite | None":
    """The suite of all rounds; None where rounds name several suites, or the suite is gone."""
    from embbench.cases.suite import load_suite
    from embbench.errors import UsageError

    names = {round_.suite for round_ in rounds}
    if len(names) != 1:
        return None
    try:
        return load_suite(names.pop())
    except UsageError:  # results outlive their suite
        return None
