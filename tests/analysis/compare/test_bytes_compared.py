"""Bytes and counts: what is resident is held to its scatter, and what is counted compared as it is."""

import msgspec
import numpy as np
import pytest

from embbench.analysis.compare.evidence import CompareOptions
from tests.analysis.compare.two_sides import QUIET, base, candidate, only, told
from tests.made_up import values


def counting(lines, metric, *found):
    """The rounds with these values of a metric, one each, and no other."""
    return [
        msgspec.structs.replace(line, metrics={metric: values(metric, value)})
        for line, value in zip(lines, found, strict=True)
    ]


def test_what_an_allocator_counts_is_compared_as_it_is():
    options, allocated = CompareOptions({"device_step_peak": 0.005}), [1e9] * 5
    one = counting(base(), "device_step_peak", *allocated)
    more, nearly = ([1e9 * share for _ in QUIET] for share in (1.01, 1.001))
    assert told(one, counting(candidate(), "device_step_peak", *more), options) == ("regression", "exact")
    assert told(one, counting(candidate(), "device_step_peak", *nearly), options) == ("same", "exact")


def test_resident_memory_is_held_to_its_own_scatter():
    """Three processes a side of one program, as recorded ones scatter (0.8 %, one sigma): all of one side lie above
    all of the other by more than the threshold, one time in twenty.
    """
    options = CompareOptions({"host_peak": 0.005})
    low, high = [350e6, 349e6, 351e6], [355e6, 353e6, 357e6]
    one = counting(base(QUIET[:3]), "host_peak", *low)
    assert told(one, counting(candidate(QUIET[:3]), "host_peak", *high), options) == ("inconclusive", "noise")
    third = [value * 4 / 3 for value in low]
    assert told(one, counting(candidate(QUIET[:3]), "host_peak", *third), options) == ("regression", "shown")


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_equal_programs_are_never_called_different_for_memory_more_often_than_is_promised(count):
    """By simulation: launches whose peaks scatter by 0.8 %. With 0.01 at most 2 of 200 are expected; 7 are not."""
    rng, options = np.random.default_rng(count), CompareOptions({"host_peak": 0.005})
    verdicts = []
    for _ in range(200):
        sides = [
            counting(side(QUIET[:1] * count), "host_peak", *(350e6 * np.exp(rng.normal(0, 0.008, count))))
            for side in (base, candidate)
        ]
        verdicts.append(only(*sides, options).verdict)
    assert sum(verdict in ("regression", "improvement") for verdict in verdicts) <= 6


@pytest.mark.parametrize(("more", "verdict"), [(0.0, "same"), (500.0, "regression")])
def test_no_page_fault_is_a_number_too(more, verdict):
    options = CompareOptions({"faults_per_step": 0.05})
    one, other = ([value] * 5 for value in (0.0, more))
    found = only(counting(base(), "faults_per_step", *one), counting(candidate(), "faults_per_step", *other), options)
    assert found.verdict == verdict
