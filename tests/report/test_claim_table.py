"""Claims by contender, and findings as notes."""

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.cases.claim import Claim
from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.claim_table import claim_rows, findings
from tests.made_up import case, measured

RIGHT = Claim(name="states", got=(0.25, 0.5), want=(0.25, 0.5))
KNOWN = msgspec.structs.replace(RIGHT, got=(0.25, 0.25), known="starts again")
WRONG = msgspec.structs.replace(RIGHT, got=(0.25, None))
RAISED = msgspec.structs.replace(RIGHT, got=(), error="RuntimeError: no")


def rounds(contender, *claims, **axes):
    (line,) = measured(case(contender=contender, **axes), [0.1])
    return [msgspec.structs.replace(line, claims=claims)]


def test_a_row_has_the_right_value_and_each_contenders_numbers():
    lines = [*rounds("one", RIGHT), *rounds("two", KNOWN), *rounds("two", RIGHT, batch=8), *rounds("three", RAISED)]
    found = claim_rows(collapse(lines))
    assert found.contenders == ("one", "two", "three")
    assert found.rows == (("states", "0.25, 0.5", "holds", "0.25, 0.25 (known) in 1 of 2", "raises"),)


def test_a_contender_without_the_claim_has_a_dash():
    other = Claim(name="other", got=(1.0,), want=(1.0,))
    found = claim_rows(collapse([*rounds("one", RIGHT, other), *rounds("two", RIGHT)]))
    assert found.rows[1] == ("other", "1", "holds", "—")


def test_results_without_claims_have_no_table():
    assert claim_rows(collapse(measured(case(), [0.1]))) is None


def test_a_finding_is_a_note():
    lines = [*rounds("one", WRONG), *rounds("two", KNOWN), *rounds("three", RAISED)]
    notes = [
        "finding: one: states: 0.25, not finite instead of 0.25, 0.5",
        "finding: three: states: RuntimeError: no instead of 0.25, 0.5",
    ]
    assert findings(collapse(lines)) == notes
    assert build(lines, View()).notes[:2] == tuple(notes)
