"""Values as JSON that is always valid UTF-8: between processes, in files, and as answers for scripts.

Python represents a byte of a file name that is not UTF-8 as a surrogate, which JSON cannot hold. Between our own
processes and in our own files, such a byte becomes one of 128 signs of a private area (U+EF80 to U+EFFF, as in MirBSD's
OPTU-8), and `decode` restores it. A sign of that area itself is sent as the signs of its three bytes.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_BYTES = re.compile(b"\xee[\xbe\xbf]")  # first two bytes of the private area in UTF-8
_PRIVATE = 0xEF80 - 0xDC80
_encoder = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """A line of JSON, without its newline, that `decode` reads back, including surrogates of file names. Other
    surrogates, which no file name has, become escapes.
    """
    try:
        line = _encoder.encode(value)
    except UnicodeEncodeError:
        line = b""
    return line if line and not _BYTES.search(line) else _encoder.encode(_mapped(value, _stored))


def decode(line: bytes | bytearray, decoder: msgspec.json.Decoder[T]) -> T:
    """The value of a line. Raises msgspec.DecodeError, also for JSON that is nested too deeply."""
    try:
        told = decoder.decode(line)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None
    return msgspec.convert(_mapped(told, _restored), decoder.type) if _BYTES.search(line) else told


def document(value: Any) -> str:
    """JSON for scripts and people, indented by two, ending with a newline. Signs that may control a terminal are
    escaped, and so are bytes of a file name that are not UTF-8. NaN and infinite numbers become null.
    """
    try:
        text = msgspec.json.format(_encoder.encode(value), indent=2).decode()
    except UnicodeEncodeError:
        text = msgspec.json.format(_encoder.encode(_mapped(value, readable)), indent=2).decode()
    if not text.isascii() or "\x7f" in text:
        text = "".join(letter if letter.isprintable() or letter == "\n" else _unit(letter) for letter in text)
    return text + "\n"


def readable(text: str) -> str:
    r"""Without surrogates: a byte of a file name that is no UTF-8 is spelt \xe9."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()


def _unit(letter: str) -> str:
    data = letter.encode("utf-16-be")
    return "".join(f"\\u{data[at]:02x}{data[at + 1]:02x}" for at in range(0, len(data), 2))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The value as dicts, lists and texts, with every text changed."""
    told = msgspec.to_builtins(value)
    if isinstance(told, str):
        return change(told)
    if isinstance(told, dict):
        return {_mapped(key, change): _mapped(each, change) for key, each in told.items()}
    if isinstance(told, list | tuple):
        return [_mapped(each, change) for each in told]
    return told


def _stored(text: str) -> str:
    return "".join(map(_private, text))


def _private(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":
        return chr(ord(letter) + _PRIVATE)
    if "\uef80" <= letter <= "\uefff":
        return "".join(chr(0xEF00 + byte) for byte in letter.encode())
    return letter.encode("utf-8", "backslashreplace").decode()


def _restored(text: str) -> str:
    """Restores surrogates. Three bytes that spell a sign of the private area become that sign, also in a file name."""
    lone = "".join(chr(ord(letter) - _PRIVATE) if "\uef80" <= letter <= "\uefff" else letter for letter in text)
    return re.sub("\udcee[\udcbe\udcbf][\udc80-\udcbf]", _sign, lone)


def _sign(found: re.Match[str]) -> str:
    letter = bytes(ord(each) - 0xDC00 for each in found[0]).decode()
    return letter if "\uef80" <= letter <= "\uefff" else found[0]
