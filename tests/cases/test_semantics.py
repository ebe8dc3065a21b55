"""The class of a case: how rows move, and how the table is kept."""

import pytest

from embbench.cases.semantics import ROW_CLASSES, in_order, meaning, moved_bytes, moves_others, rows_of, with_rows


def test_a_table_in_fewer_bits_is_another_class_that_says_so():
    assert meaning("dense") == ROW_CLASSES["dense"]
    assert meaning("dense bf16") == f"{ROW_CLASSES['dense']}; the table is kept in bfloat16"
    kept = "the table is kept in float16, in float32 beside it a master copy and the optimizer's state"
    assert meaning("lazy fp16+master+states") == f"{ROW_CLASSES['lazy']}; {kept}"
    assert meaning("unheard") == "unheard"


def test_rows_move_alike_in_every_precision():
    assert moves_others("dense bf16")
    assert not moves_others("lazy bf16")
    assert rows_of("rowwise fp16+states") == "rowwise"
    assert with_rows("dense bf16+master", "lazy") == "lazy bf16+master"
    assert with_rows("dense", "lazy") == "lazy"


def test_classes_stand_in_the_order_of_their_rows_and_fewer_bits_behind():
    assert in_order(["lazy", "dense bf16", "unheard", "exact", "dense", "dense"]) == [
        "exact",
        "dense",
        "dense bf16",
        "lazy",
        "unheard",
    ]


@pytest.mark.parametrize(
    ("semantic", "itemsize", "read", "written"),
    [
        ("dense", 4, 12, 12),
        ("dense", 8, 24, 24),
        ("dense bf16", 4, 6, 6),
        ("dense bf16+states", 4, 10, 10),
        ("dense bf16+master+states", 4, 12, 14),
    ],
)
def test_bytes_that_an_update_with_two_states_must_move_for_a_number(semantic, itemsize, read, written):
    assert moved_bytes(semantic, itemsize, 2) == (read, written)
