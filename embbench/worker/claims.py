"""The claims of a workload about a trial. Claims with `proof` show that the timed steps do their work."""

from embbench.cases.claim import Claim
from embbench.worker.audit import Findings
from embbench.worker.note import Note
from embbench.workloads import Claims

SHOWN = 6  # numbers of a claim in a text


def check_claims(claims: Claims, steps: int, findings: Findings) -> Note:
    """Makes all claims, after the last of `steps`, and reports those that prove the work to `findings`."""
    made = tuple(claims(steps))
    for each in made:
        if each.proof:
            findings.fact(each.holds, in_words(each))
    assert any(each.proof for each in made), "no claim proves the timed work"
    return Note(claims=made)


def in_words(claim: Claim) -> str:
    got, want = (
        ", ".join("not finite" if each is None else f"{each:.7g}" for each in numbers[:SHOWN])
        for numbers in (claim.got, claim.want)
    )
    return f"{claim.name}: {claim.error or got} instead of {want}"
