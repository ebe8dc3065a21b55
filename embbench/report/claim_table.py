"""The claims of results, as a table by contender, and notes on the findings."""

from collections.abc import Sequence

from embbench.analysis.collapse.axes import listed
from embbench.analysis.collapse.claims import claims_of, deviating, standing_of
from embbench.analysis.collapse.collapse import Result
from embbench.cases.claim import Claim
from embbench.plain import one_line
from embbench.report.table import ClaimRows

MOST = 4  # numbers of a claim in a text
NONE = "—"


def claim_rows(results: Sequence[Result]) -> ClaimRows | None:
    """A row per claim, a column per contender; None where no claim was made."""
    known = [(result.case.contender, claims_of(result)) for result in results]
    names = dict.fromkeys(name for _, claims in known for name in claims)
    contenders = list(dict.fromkeys(contender for contender, claims in known if claims))
    if not names:
        return None
    rows = []
    for name in names:
        made = {each: [claims[name] for who, claims in known if who == each and name in claims] for each in contenders}
        first = next(claim for claims in made.values() for claim in claims)
        rows.append((one_line(name), numbers(first.want), *(_cell(made[each]) for each in contenders)))
    return ClaimRows(tuple(map(one_line, contenders)), tuple(rows))


def findings(results: Sequence[Result]) -> list[str]:
    """A note per claim that does not hold, for a reason that is not known."""
    texts = {}
    for result, claim in deviating(results, "finding"):
        got = claim.error or numbers(claim.got)
        text = f"finding: {result.case.contender}: {claim.name}: {got} instead of {numbers(claim.want)}"
        texts[one_line(text)] = None
    return list(texts)


def numbers(values: Sequence[float | None]) -> str:
    return listed(["not finite" if each is None else f"{each:.6g}" for each in values], most=MOST) or "none"


def _cell(claims: Sequence[Claim]) -> str:
    """'holds', or the numbers of the claims that do not hold."""
    if not claims:
        return NONE
    off = [claim for claim in claims if not claim.holds]
    if not off:
        return "holds"
    texts = dict.fromkeys(
        f"{'raises' if claim.error else numbers(claim.got)}{' (known)' if standing_of(claim) == 'known' else ''}"
        for claim in off
    )
    some = f" in {len(off)} of {len(claims)}" if len(off) < len(claims) else ""
    return "; ".join(texts) + some
