"""JSON that any text comes through, and comes back from."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from embbench import wire

NAMES = st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))
PRIVATE = st.text(st.characters(min_codepoint=0xEF00, max_codepoint=0xF0FF))
LONE = st.text(st.characters(categories=["Cs", "Cc", "Lu"]))


class Told(msgspec.Struct, frozen=True):
    text: str
    more: dict[str, tuple[str, ...]] = {}


@given(st.text() | NAMES | PRIVATE)
def test_any_name_comes_back(text):
    told = Told(text, {text: (text, "x")})
    line = wire.encode(told)
    assert line.decode()
    assert b"\n" not in line
    assert wire.decode(line, msgspec.json.Decoder(Told)) == told


@given(LONE)
def test_what_is_no_name_never_raises(text):
    assert wire.encode(Told(text)).decode()


@given(st.binary())
def test_a_document_is_json_and_orders_a_terminal_nothing(data):
    name = data.decode("utf-8", "surrogateescape")
    told = wire.document({"told": [name, float("nan"), float("inf")]})
    assert all(letter.isprintable() for letter in told.replace("\n", ""))
    assert json.loads(told)["told"] == [data.decode("utf-8", "backslashreplace"), None, None]


@given(LONE)
def test_a_document_takes_any_text(text):
    assert json.loads(wire.document([text]).encode())


def test_old_lines_are_as_they_were():
    assert wire.encode({"a": "é ✓"}) == msgspec.json.encode({"a": "é ✓"})
