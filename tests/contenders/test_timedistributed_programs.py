"""A layer over an unknown number of time steps, in real frameworks: right, or wrong as it is known to be."""

import msgspec
import pytest

from embbench.cases.claim import Claim
from embbench.contenders import Contender, discover, missing_packages
from embbench.launch.preflight import how_to_install
from embbench.workloads._timedistributed_expected import (
    LENGTHS_OF_FEW,
    LENGTHS_OF_MANY,
    calls,
    masks,
    moving,
    normed,
    same,
)
from tests.contenders.auditing import Auditing, Job

UNKNOWN = "wrapped_dynamic"
OBLONG = {"workload": "timedistributed", "table": "none", "per_step": UNKNOWN}
SQUARE = {**OBLONG, "batch": 12, "seq": 12}
DEVIATING = {
    LENGTHS_OF_FEW.name: (3, 2, 2),
    LENGTHS_OF_MANY.name: (),
    masks(UNKNOWN).name: (1,),
    moving(UNKNOWN).name: (0.15,),
}
HOLDING = [same("dense", UNKNOWN), same("convolution", UNKNOWN), normed(UNKNOWN), calls(UNKNOWN)]


def audited(contender: Contender, claimed: dict, auditing: Auditing) -> dict:
    if missing := missing_packages(contender):
        pytest.skip(how_to_install(missing))
    audit = auditing.result(Job(contender, claimed, False))
    assert "crash" not in audit, audit["crash"]
    return audit


@pytest.mark.parametrize(("contender", "claimed"), [(discover()["keras_tf"], SQUARE)], ids=["keras_tf"])
def test_an_unknown_number_of_time_steps_is_confused_with_the_samples(
    contender: Contender, claimed: dict, auditing: Auditing
):
    audit = audited(contender, claimed, auditing)
    assert audit["passed"], audit["difference"]
    claims = {each.name: each for each in msgspec.convert(audit["claims"], list[Claim])}
    assert {name for name, each in claims.items() if not each.holds} == DEVIATING.keys()
    for name, got in DEVIATING.items():
        assert claims[name].got == pytest.approx(got)
        assert "unknown number of time steps" in claims[name].known
    assert all(claims[each.name].holds for each in HOLDING)


@pytest.mark.parametrize(("contender", "claimed"), [(discover()["keras_tf"], OBLONG)], ids=["keras_tf"])
def test_other_numbers_of_samples_are_not_timed(contender: Contender, claimed: dict, auditing: Auditing):
    assert "as many as the batch has samples" in audited(contender, claimed, auditing)["unsupported"]
