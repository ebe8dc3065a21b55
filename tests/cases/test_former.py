"""Contenders of older results that are now a runtime of another contender."""

import pytest

from embbench.cases.case import make_case
from embbench.cases.former import as_asked, flags_of_today, with_todays_names
from tests.made_up import case

OLD, TODAY = ("pytorch_retained", "system"), ("pytorch", "retained")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({}, OLD),
        ({"contender": ["pytorch"]}, OLD),
        ({"contender": ["pytorch_retained"]}, OLD),
        ({"runtime": ["retained"]}, TODAY),
        ({"runtime": ["system"]}, TODAY),
        ({"contender": ["pytorch"], "runtime": ["retained"]}, TODAY),
        ({"contender": ["pytorch", "pytorch_hugepages"], "runtime": ["system"]}, OLD),
    ],
)
def test_a_runtime_asks_for_todays_names(asked, name):
    named = as_asked(case(contender="pytorch_retained", vocab=500_000), asked)
    assert (named.contender, named.runtime) == name
    assert named.vocab == 500_000


def test_other_contenders_keep_their_names():
    known = make_case({"contender": "numpy"})
    assert as_asked(known, {"runtime": ["system"]}) == with_todays_names(known) == known
    assert flags_of_today("numpy") == ""
    assert flags_of_today("pytorch_hugepages") == "--contender pytorch --runtime hugepages"
