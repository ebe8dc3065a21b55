"""Claims: numbers within their tolerance, exceptions of frameworks, known deviations."""

import math

import pytest

from embbench.cases.claim import Deviation, Expected, check

NEAR = Expected("near", [1.0, 2.0], tolerance=0.1)
KNOWN = {"near": Deviation((1.0, 3.0), "it counts twice")}


@pytest.mark.parametrize(
    ("got", "holds"),
    [((1.0, 2.0), True), ((1.09, 1.91), True), ((1.0, 2.2), False), ((1.0,), False), ((1.0, math.nan), False)],
)
def test_each_number_must_be_within_the_tolerance(got, holds):
    assert check(NEAR, lambda: got).holds is holds


def test_a_number_that_is_not_finite_is_none():
    assert check(NEAR, lambda: [math.inf, 2.0]).got == (None, 2.0)


def test_an_exception_of_the_framework_is_the_claims_error():
    def fail():
        raise RuntimeError("modified by an inplace operation\nHint: more")

    found = check(NEAR, fail)
    assert (found.got, found.error, found.holds) == ((), "RuntimeError: modified by an inplace operation", False)
    assert check(NEAR, fail, {"near": Deviation((), "cannot be trained")}).known == "cannot be trained"
    assert check(NEAR, fail, KNOWN).known == "", "another deviation than the known one"


def test_a_deviation_is_known_only_with_its_numbers():
    assert check(NEAR, lambda: [1.0, 3.0], KNOWN).known == "it counts twice"
    assert check(NEAR, lambda: [1.0, 4.0], KNOWN).known == ""
    assert check(NEAR, lambda: [1.0, 2.0], KNOWN).known == "", "a claim that holds does not deviate"
