"""Numbers of 16 bits, and how a path that has them is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.cases.precision import Precision, as_read, rounded, unit

floats = st.floats(allow_nan=False, width=32)


@given(floats)
def test_bfloat16_is_the_upper_half_of_a_float32_to_the_nearest(value):
    bits = int(np.float32(value).view(np.uint32))
    upper, rest = divmod(bits, 1 << 16)
    upper += rest > 1 << 15 or (rest == 1 << 15 and upper % 2 == 1)
    assert rounded(np.array(value), "bfloat16") == np.uint32(upper << 16).view(np.float32)


@given(floats)
def test_float16_is_as_numpy_has_it(value):
    with np.errstate(over="ignore"):
        assert rounded(np.array(value), "float16") == np.float16(value)


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
@given(floats)
def test_what_is_rounded_stays(name, value):
    once = rounded(np.array(value), name)
    assert rounded(once, name) == once


def test_a_float64_is_rounded_once():
    """Over float32 it would fall on the tie, and then to the even neighbour."""
    assert rounded(np.array(1 + 2.0**-8 + 2.0**-40), "bfloat16") == 1 + 2.0**-7


def test_the_unit_is_that_of_the_last_bit():
    assert unit(np.array([1.0, 1.9, 2.0, 0.0, 1e-30]), "bfloat16").tolist()[:3] == [2**-7, 2**-7, 2**-6]
    assert unit(np.array([0.0]), "float16") == 2.0**-24


@pytest.mark.parametrize(
    ("precision", "states", "short", "told"),
    [
        (
            Precision(table="bfloat16"),
            2,
            "bf16",
            "table bfloat16, no master copy, gradient bfloat16, optimizer state bfloat16",
        ),
        (
            Precision(table="bfloat16", master=True),
            2,
            "bf16+master+states",
            "table bfloat16, float32 master copy, gradient bfloat16, optimizer state float32",
        ),
        (
            Precision(table="float16", gradient="float32", states="float32"),
            0,
            "fp16+gradients",
            "table float16, no master copy, gradient float32, optimizer state float32",
        ),
    ],
)
def test_the_name_says_what_stays_in_float32(precision, states, short, told):
    assert (precision.short(states), str(precision)) == (short, told)


def test_rows_are_read_as_they_are_kept():
    values = np.array([0.1, 1.0])
    assert as_read(values, None, "float64").tolist() == [0.1, 1.0]
    read = as_read(values, Precision(table="float16"), "float32")
    assert (read.dtype, read.tolist()) == (np.float32, [float(np.float16(0.1)), 1.0])
