"""Claims of a result, from rounds that may differ."""

import msgspec

from embbench.analysis.collapse.claims import claims_of, deviating, standing_of
from embbench.analysis.collapse.collapse import collapse
from embbench.cases.claim import Claim
from tests.made_up import case, measured

RIGHT = Claim(name="states", got=(1.0,), want=(1.0,))
KNOWN = Claim(name="states", got=(2.0,), want=(1.0,), known="starts again")
WRONG = Claim(name="states", got=(3.0,), want=(1.0,))


def result(*claims):
    rounds = measured(case(), [0.1] * len(claims))
    return collapse([msgspec.structs.replace(line, claims=(each,)) for line, each in zip(rounds, claims, strict=True)])[
        0
    ]


def test_the_least_true_claim_counts():
    assert claims_of(result(RIGHT, RIGHT)) == {"states": RIGHT}
    assert claims_of(result(RIGHT, KNOWN, RIGHT)) == {"states": KNOWN}
    assert claims_of(result(WRONG, KNOWN, RIGHT)) == {"states": WRONG}


def test_a_deviation_is_known_or_a_finding():
    assert [standing_of(each) for each in (RIGHT, KNOWN, WRONG)] == ["holds", "known", "finding"]
    results = [result(RIGHT), result(KNOWN), result(WRONG)]
    assert deviating(results, "finding") == [(results[2], WRONG)]
    assert deviating(results, "known") == [(results[1], KNOWN)]
