"""Parts of a plan for several machines."""

from itertools import pairwise

import pytest

from embbench.cases.case import Case
from embbench.cases.plan import make_plan
from embbench.cases.shard import Shard, cases_of, parse_shard
from embbench.cases.suite import load_suite
from embbench.errors import UsageError

GRID = tuple(
    Case(vocab=vocab, update=update, seq=seq)
    for vocab in (1000, 2_000_000)
    for update in ("default", "sparse", "fused")
    for seq in (8, 16, 32, 64)
)


def parts(cases: tuple[Case, ...], count: int, reference: str = "update=default") -> list[tuple[Case, ...]]:
    return [cases_of(Shard(number, count), cases, reference) for number in range(1, count + 1)]


@pytest.mark.parametrize("suite", ["embedding-scaling", "crossover", "frameworks", "sparse-updates", "inference"])
@pytest.mark.parametrize("count", [1, 2])
def test_the_parts_of_a_suite_are_its_cases_each_once(suite: str, count: int) -> None:
    plan = make_plan(load_suite(suite), {}, {})
    found = [each for part in parts(plan.cases, count, plan.view.reference) for each in part]
    assert sorted(map(repr, found)) == sorted(map(repr, plan.cases))


@pytest.mark.parametrize("count", range(1, 9))
def test_cases_of_a_ratio_stay_together_in_their_order(count: int) -> None:
    for part in parts(GRID, count):
        groups = {(each.vocab, each.seq) for each in part}
        assert set(part) == {each for each in GRID if (each.vocab, each.seq) in groups}
        assert all(GRID.index(one) < GRID.index(other) for one, other in pairwise(part))


def test_all_ways_stay_together_without_a_reference() -> None:
    cases = (*GRID, *(Case(contender="jax_optax", vocab=1000, seq=seq) for seq in (8, 16, 32, 64)))
    for part in parts(cases, 8, ""):
        assert len({(each.vocab, each.seq) for each in part}) == 1
        assert len(part) == (4 if part[0].vocab == 1000 else 3)


def test_large_tables_are_spread() -> None:
    assert [sum(each.vocab > 1000 for each in part) for part in parts(GRID, 4)] == [3, 3, 3, 3]


def test_a_part_is_read() -> None:
    assert parse_shard(" 3/8 ") == Shard(3, 8)


@pytest.mark.parametrize("text", ["3", "0/8", "9/8", "1/0", "-1/2", "a/b", "1/2/3", ""])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--shard"):
        parse_shard(text)


def test_more_parts_than_groups_are_refused() -> None:
    with pytest.raises(UsageError, match=r"9 parts are too many; .* so 8 is the most here"):
        cases_of(Shard(1, 9), GRID, "update=default")
