"""Programs that draw random numbers without a seed, compared by how far their weights move."""

import numpy as np
import pytest

from embbench.engines.own_random import LEVEL, RUNS, chance
from embbench.engines.own_twin import Trained

NAMES = ("table", "rnn", "head")


def runs(rng: np.random.Generator, **scales: float) -> list[Trained]:
    """Runs whose weights move by about 1 (5 % spread). scales: of the movement of some weights."""
    found = []
    for _ in range(RUNS):
        before = {name: np.zeros(8) for name in NAMES}
        after = {name: np.full(8, scales.get(name, 1.0) * rng.normal(1, 0.05)) for name in NAMES}
        found.append(Trained(before, after))
    return found


def test_equal_programs_differ_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(1)
    found = sum(chance(runs(rng), runs(rng))[0] < LEVEL for _ in range(1000))
    assert found <= 20  # 10 are expected; more than 20 have a probability of 0.2 %


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [0.7, 1.4])
def test_a_weight_that_moves_farther_is_found(name: str, scale: float) -> None:
    rng = np.random.default_rng(2)
    p, most = chance(runs(rng), runs(rng, **{name: scale}))
    assert (p, most) == (pytest.approx(2 / 924), name)


def test_a_weight_that_stays_is_found() -> None:
    rng = np.random.default_rng(3)
    assert chance(runs(rng), runs(rng, table=0.0))[1] == "table"


def test_weights_that_never_vary_say_nothing() -> None:
    fixed = [Trained({"table": np.zeros(4)}, {"table": np.ones(4)}) for _ in range(RUNS)]
    assert chance(fixed, fixed) == (1.0, "table")


def test_without_a_common_weight_nothing_differs() -> None:
    one = [Trained({"a": np.zeros(1)}, {"a": np.ones(1)})] * RUNS
    other = [Trained({"b": np.zeros(1)}, {"b": np.ones(1)})] * RUNS
    assert chance(one, other) == (1.0, "")
