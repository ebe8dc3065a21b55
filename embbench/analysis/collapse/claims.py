"""The claims of a Result, over its rounds."""

from collections.abc import Iterable, Sequence
from typing import Literal

from embbench.analysis.collapse.collapse import Result
from embbench.cases.claim import Claim

# holds: in all rounds. known: the framework deviates as it is known to. finding: it deviates otherwise.
Standing = Literal["holds", "known", "finding"]


def standing_of(claim: Claim) -> Standing:
    return "holds" if claim.holds else "known" if claim.known else "finding"


def claims_of(result: Result) -> dict[str, Claim]:
    """Name -> claim, of the first round; where rounds differ, of the first round in which the claim is least true."""
    order: Sequence[Standing] = ("finding", "known", "holds")
    found: dict[str, Claim] = {}
    for round_ in result.rounds:
        for claim in round_.claims:
            before = found.setdefault(claim.name, claim)
            if order.index(standing_of(claim)) < order.index(standing_of(before)):
                found[claim.name] = claim
    return found


def deviating(results: Iterable[Result], standing: Standing) -> list[tuple[Result, Claim]]:
    """The claims with a standing, with their results, in order."""
    return [
        (result, claim) for result in results for claim in claims_of(result).values() if standing_of(claim) == standing
    ]
