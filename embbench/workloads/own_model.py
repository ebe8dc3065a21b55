"""A user's own training step (`--model FILE.py:NAME`). Its network, batches and optimizer are in the user's file."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Expected, check

if TYPE_CHECKING:
    from embbench.workloads import ByName

SUMMARY = "your own training step; give it with --model"
AXES = {
    "grown": {
        "default": 1,
        "help": "Which tables get rows where your function has no parameter `vocab`: 1 (the largest table, and all "
        "with as many rows), 2 (the next size), and so on.",
    }
}
TABLES = ("trainable",)
UNUSED = ("dim", "batch", "seq", "tokens", "ids", "dtype", "optimizer")
SHOWN = ("moved",)

TRAINS = Expected("whether the steps moved any weight (1: yes)", [1], proof=True)


class OwnStep(Protocol):
    """The trial of an engine."""

    def step(self) -> None: ...

    def sync(self) -> None: ...

    def moved(self) -> float:
        """1 if any of the looked-at numbers of the weights differs from its value before the first step, else 0."""
        ...


def draw_inputs(case: Case, batches: int) -> "ByName":
    """Nothing: the user's function returns the batches."""
    return {}


def operations(case: Case) -> float:
    """0: unknown before the model is built."""
    return 0.0


def start_claims(case: Case, tokens: "ByName", trial: OwnStep) -> Callable[[int], Iterable[Claim]]:
    """See `workloads.ClaimedWorkload`."""
    return lambda steps: [check(TRAINS, lambda: [trial.moved()])]
