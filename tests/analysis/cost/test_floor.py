"""The least time of a step, by closed forms."""

import pytest

from embbench.analysis.cost.floor import floor
from tests.made_up import case, ceilings


def test_a_dense_step_moves_the_table_and_its_state_and_a_lazy_one_its_rows():
    given = case(vocab=2_000_000)
    dense, lazy, frozen = (floor(given, each, 1000.0, ceilings()) for each in ("dense", "lazy", "frozen"))
    assert dense.update == pytest.approx(6 * given.table_bytes / 10e9)
    assert lazy.update == pytest.approx(3 * 1000 * 512 * (1 / 3e9 + 1 / 2e9))
    assert frozen.update == 0.0
    assert dense.lookup == lazy.lookup == pytest.approx(1000 * 512 / 3e9)
    assert dense.network == pytest.approx(24 * 2048 * 128 * 256 / 90e9)
    assert dense.total == dense.lookup + dense.network + dense.update


def test_a_floor_is_of_what_trains():
    whole, part = case(vocab=2_000_000), case("hybrid", vocab=2_000_000)
    assert floor(part, "dense", 1000.0, ceilings()).update == pytest.approx(6 * 10_000 * 32 * 4 / 10e9)
    lazy, rowwise = (floor(whole, each, 1000.0, ceilings()).update for each in ("lazy", "rowwise"))
    assert rowwise == pytest.approx(lazy * (512 + 4) / (3 * 512))
    fixed = floor(case("frozen"), "frozen", 1000.0, ceilings())
    assert fixed.network == pytest.approx((24 * 256 - 8 * 128) * 2048 * 128 / 90e9)
    double = floor(case(dtype="float64"), "lazy", 1000.0, ceilings())
    assert double.network == pytest.approx(2 * floor(case(), "lazy", 1000.0, ceilings()).network)


def test_what_was_not_measured_gives_no_floor():
    kept = tuple(rate for rate in ceilings().rates if rate.kind != "product")
    assert floor(case(), "dense", 1000.0, ceilings(rates=kept)) is None


def test_a_floor_of_16_bits_is_of_what_is_stored():
    dense, half = (floor(case(), each, 1000.0, ceilings()) for each in ("dense", "dense bf16"))
    assert half.update == pytest.approx(dense.update / 2)
    assert half.lookup == pytest.approx(dense.lookup / 2)
    assert half.network == dense.network
    master = floor(case(), "dense bf16+master+states", 1000.0, ceilings())
    assert master.update == pytest.approx(dense.update * (12 + 14) / 24)
