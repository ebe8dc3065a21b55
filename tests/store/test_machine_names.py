"""One machine, its twin or another kind: from the facts that Rounds carry, those of earlier embbenches too."""

import pytest

from embbench.store.machine import difference, kinship, name_of, names_of
from tests.made_up import MACHINE

ONE = {**MACHINE, "id": "aaaaaaaa", "boot": "11111111", "quota": None, "limit": None}
MIB = 2**20


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "same"),
        ({"boot": "22222222"}, "same"),
        ({"memory": MACHINE["memory"] + 64 * MIB}, "same"),
        ({"id": "bbbbbbbb"}, "twin"),
        ({"id": "unknown"}, "same"),  # of the same boot
        ({"id": "unknown", "boot": "22222222"}, "twin"),
        ({"memory": 2 * MACHINE["memory"]}, "other"),
        ({"limit": 2**30}, "other"),
        ({"fingerprint": "ffffffff", "quota": 1.5}, "other"),
        ({"fingerprint": "ffffffff", "cpu": "Other"}, "other"),
    ],
)
def test_kinship(changed, expected):
    assert kinship(ONE, {**ONE, **changed}) == kinship({**ONE, **changed}, ONE) == expected


def test_two_boots_of_what_has_no_id_may_be_two_machines():
    one = {**ONE, "id": "unknown"}
    assert kinship(one, one) == "same"
    assert kinship(one, {**one, "boot": "22222222"}) == "twin"
    assert kinship({**one, "boot": "unknown"}, {**one, "boot": "unknown"}) == "same"  # nothing tells them apart


def test_rounds_of_an_earlier_embbench_are_held_to_be_of_the_machine_whose_facts_they_carry():
    assert kinship(MACHINE, MACHINE) == "same"
    assert kinship(MACHINE, {**MACHINE, "fingerprint": "ffffffff"}) == "other"
    assert kinship(MACHINE, {**ONE, "fingerprint": "ffffffff"}) == "same"  # the formula is another, the facts are not
    assert kinship(MACHINE, {**ONE, "cpu": "Other"}) == "other"
    assert kinship(MACHINE, {**ONE, "quota": 2.0}) == "other"


def test_names_tell_twins_and_sizes_apart():
    assert name_of(MACHINE) == "0a1b2c3d"
    assert name_of({}) == "unknown"
    assert name_of({**ONE, "id": "unknown"}) == "0a1b2c3d-11111111"
    large, moved = {**ONE, "memory": 2 * ONE["memory"]}, {**ONE, "memory": ONE["memory"] + 9 * MIB}
    named = names_of([ONE, {**ONE, "id": "bbbbbbbb"}, large, moved, large, MACHINE])
    assert named == [
        "0a1b2c3d-aaaaaaaa",
        "0a1b2c3d-bbbbbbbb",
        "0a1b2c3d-aaaaaaaa.2",
        "0a1b2c3d-aaaaaaaa",
        "0a1b2c3d-aaaaaaaa.2",
        "0a1b2c3d",
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"id": "bbbbbbbb"}, ("id", "aaaaaaaa", "bbbbbbbb")),
        ({"memory": 5}, ("memory", MACHINE["memory"], 5)),
        ({"fingerprint": "f", "quota": 1.5}, ("quota", None, 1.5)),
        ({"fingerprint": "f"}, ("fingerprint", "0a1b2c3d", "f")),
    ],
)
def test_the_first_difference_is_named(changed, expected):
    assert difference(ONE, {**ONE, **changed}) == expected
