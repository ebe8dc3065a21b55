"""How messages quote what a user wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embbench.errors import quoted


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("vocab\udce2\udc89\udca51M", "'vocab≥1M'"),
        ("a\udce9b", "'a\\xe9b'"),
        ("it's", '"it\'s"'),
        (" cpu", "' cpu'"),
        ("\x1b[31mred", "'\\x1b[31mred'"),
        (3, "3"),
    ],
)
def test_what_a_user_wrote_is_quoted_without_surrogates(value, told):
    assert quoted(value) == told


@given(st.binary(max_size=30).map(lambda written: written.decode("ascii", "surrogateescape")))
def test_no_byte_is_quoted_as_a_surrogate(text):
    assert "udc" not in quoted(text.replace("udc", ""))
