"""So few audits are chosen that every value occurs."""

import pytest

from embbench.cases.case import make_case
from embbench.contenders import Contender, discover
from tests.contenders.covering import covered_by_others, covering, engine_of, pairs
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


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_contenders_of_an_engine_cover_all_together(device):
    there = [each for each in CONTENDERS if device in each.declaration.devices]
    for engine in {engine_of(each) for each in there}:
        alike = [each for each in there if engine_of(each) == engine]
        every = [axes for each in alike for axes in pairs(each.declaration, device)]
        few = {each.name: covering(each.declaration, device, covered_by_others(each, device)) for each in alike}
        together = [axes for found in few.values() for axes in found]
        for axis in AXES:
            assert {axes.get(axis) for axes in together} == {axes.get(axis) for axes in every}, engine
        assert updates_with_adam(together) == updates_with_adam(every)
        for each in alike:
            mine = pairs(each.declaration, device)
            assert "default" in {axes.get("update") for axes in few[each.name]}
            assert classes(each, few[each.name]) == classes(each, mine)


def test_a_value_that_one_pair_alone_has_is_chosen():
    numpy = discover()["numpy"].declaration
    (one,) = [axes for axes in covering(numpy) if axes.get("workload") == "tagger"]
    assert one in pairs(numpy)
