"""The claims of a Result, over its rounds."""

from collections.abc import Iterable, Sequence
from typing import Literal

from embbench.analysis.collapse.collapse import Result
from embbench.cases.claim import Claim

# holds: in all rounds. known: the framework deviates as it is known to. finding: it deviates otherwise.
Outcome = Literal["holds", "known", "finding"]


def outcome_of(claim: Claim) -> Outcome:
    return "holds" if claim.holds else "known" if claim.known else "finding"


def claims_of(result: Result) -> dict[str, Claim]:
    """Name -> claim, of the first round; where rounds differ, of the first round in which the claim is least true."""
    order: Sequence[Outcome] = ("finding", "known", "holds")
    found: dict[str, Claim] = {}
    for round_ in result.rounds:
        for claim in round_.claims:
            before = found.setdefault(claim.name, claim)
            if order.index(outcome_of(claim)) < order.index(outcome_of(before)):
                found[claim.name] = claim
    return found


def deviating(results: Iterable[Result], outcome: Outcome) -> list[tuple[Result, Claim]]:
    """The claims with an outcome, with their results, in order."""
    return [
        (result, claim) for result in results for claim in claims_of(result).values() if outcome_of(claim) == outcome
    ]
