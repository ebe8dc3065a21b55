"""Bytes that a step must move of a table: closed forms."""

import pytest

from embbench.cases.moved import moved_by_table, row_bytes
from tests.made_up import case

ROW = 128 * 4


@pytest.mark.parametrize(
    ("optimizer", "semantic", "read", "written"),
    [
        ("sgd", "exact", 1, 1),
        ("adagrad", "exact", 2, 2),
        ("adam", "lazy", 3, 3),
        ("momentum", "lazy", 2, 2),
        ("adagrad", "rowwise", 1 + 1 / 128, 1 + 1 / 128),
    ],
)
def test_of_the_touched_rows(optimizer, semantic, read, written):
    moved = moved_by_table(case(update="compact", optimizer=optimizer), semantic, 1000.0)
    assert moved == pytest.approx((1000 * ROW, 1000 * ROW * read, 1000 * ROW * written, False))
    assert moved.total == pytest.approx(1000 * ROW * (1 + read + written))


def test_of_every_row():
    moved = moved_by_table(case(optimizer="adam"), "dense", 1000.0)
    assert moved == pytest.approx((1000 * ROW, 200_000 * ROW * 3, 200_000 * ROW * 3, True))


def test_decay_of_every_row_moves_no_state():
    moved = moved_by_table(case(optimizer="adamw"), "lazy-decay", 1000.0)
    assert moved == pytest.approx((1000 * ROW, 200_000 * ROW, 200_000 * ROW, True))


def test_a_frozen_table_is_read_only():
    assert moved_by_table(case("frozen"), "frozen", 1000.0) == (1000 * ROW, 0, 0, False)


def test_a_table_in_fewer_bits():
    assert row_bytes(case(), "lazy bf16+gradients") == 256
    moved = moved_by_table(case(optimizer="adam"), "lazy bf16+gradients", 10.0)
    assert moved == pytest.approx((10 * 256, 10 * 256 * 3, 10 * 256 * 3, False))
