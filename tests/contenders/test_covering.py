"""So few audits are chosen that every value occurs."""

import pytest

from embbench.cases.case import make_case
from embbench.contenders import Contender, discover
from tests.contenders.covering import covering, pairs
from tests.fakes import fake

CONTENDERS = [*discover().values(), discover([fake.__file__])["fake"]]
AXES = ("table", "update", "optimizer", "dtype", "ids", "workload")


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_every_value_of_every_axis_and_every_class_occurs(contender: Contender):
    every, few = pairs(contender.declaration), covering(contender.declaration)
    for axis in AXES:
        assert {axes.get(axis) for axes in few} == {axes.get(axis) for axes in every}
    assert updates_with_adam(few) == updates_with_adam(every)
    assert classes(contender, few) == classes(contender, every)


def classes(contender: Contender, chosen: list[dict[str, str]]) -> set[str]:
    return {contender.declaration.semantic(make_case(axes)) for axes in chosen}


def updates_with_adam(chosen: list[dict[str, str]]) -> set[str]:
    return {axes["update"] for axes in chosen if axes["optimizer"] == "adam" and "update" in axes}


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_they_are_few_of_all_and_always_the_same(contender: Contender):
    every, few = pairs(contender.declaration), covering(contender.declaration)
    assert all(axes in every for axes in few)
    assert len(few) <= sum(len({axes.get(axis) for axes in every}) for axis in AXES) + len(classes(contender, every))
    assert len(few) <= 15
    assert few == covering(contender.declaration)


def test_a_value_that_one_pair_alone_has_is_chosen():
    numpy = discover()["numpy"].declaration
    (one,) = [axes for axes in covering(numpy) if axes.get("workload") == "tagger"]
    assert one in pairs(numpy)
