"""Theoretical bytes: closed forms."""

import pytest

from embbench.cases.case import make_case
from embbench.cases.workload import HYBRID_ROWS
from embbench.workloads._footprint import footprint


def test_a_dense_table_is_its_copies():
    case = make_case({"vocab": 2_000_000, "dim": 128})
    told = footprint(case, copies=6)
    assert told.table == case.table_bytes == 1_024_000_000
    assert told.training == 5 * told.table
    assert told.total == told.table + told.training + told.model + told.activations


def test_a_frozen_table_is_itself_whatever_the_copies():
    told = footprint(make_case({"table": "frozen", "vocab": 1000}), copies=6)
    assert told.training == 0


def test_a_sparse_update_grows_with_the_lookups():
    one = footprint(make_case({"batch": 10, "seq": 10}), copies=1, lookup_copies=3)
    assert one.training == 3 * 100 * 128 * 4


def test_a_hybrid_table_trains_its_small_part():
    told = footprint(make_case({"table": "hybrid", "vocab": 1_000_000, "dim": 128}), copies=4)
    assert told.table == (1_000_000 * 96 + HYBRID_ROWS * 32) * 4
    assert told.training == 3 * HYBRID_ROWS * 32 * 4


@pytest.mark.parametrize("axis", ["batch", "seq", "dim", "hidden"])
def test_activations_grow_with_each_of_their_axes(axis):
    small = footprint(make_case({axis: 16}), 1).activations
    assert footprint(make_case({axis: 32}), 1).activations > small


def test_a_table_in_16_bits_is_counted_in_its_own_bytes():
    """Copies are arrays of its type; rows that were looked up, the model and activations stay float32."""
    case = make_case({"vocab": 1000, "dim": 8, "update": "bfloat16", "batch": 2, "seq": 5})
    whole, half = (footprint(case, 6, 3, itemsize=size) for size in (4, 2))
    assert (whole.table, half.table) == (32_000, 16_000)
    assert half.training == 5 * 16_000 + 3 * 10 * 8 * 4
    assert (half.model, half.activations) == (whole.model, whole.activations)
