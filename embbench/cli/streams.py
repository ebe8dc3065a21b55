"""stdout and stderr in any encoding: a sign that a stream cannot carry is written in ASCII, and nothing is an error."""

import codecs
import re
import sys

from embbench.plain import escape

ERRORS = "embbench"  # the name of what Python does, by `signs`, with what an encoding lacks
# One column for one wherever there is a plain sign that is read so.
STAND_INS = {
    "✓": "ok", "✗": "NO", "×": "x", "±": "+-", "→": "->", "←": "<-", "…": "...", "•": "*", "·": "-", "–": "-", "—": "-",
    "−": "-", "─": "-", "━": "-", "│": "|", "µ": "u", "μ": "u", "≈": "~", "≤": "<=", "≥": ">=", "⁹": "^9", "√": "sqrt",
    "‘": "'", "’": "'", "“": '"', "”": '"', "°": " deg", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u25cc": "",
    "█": "#", "▓": "%", "▒": "+", "░": ".", "▞": "/", "▚": "\\", "⠀": " ", "\ufffd": "?", "\u200c": "", "\u200d": "",
}  # fmt: skip
_BOX = re.compile("[─-╿]")
_DOTS = re.compile("[⠀-⣿]")  # of which a curve is drawn


def sign(letter: str) -> str:
    """What stands for a letter where an encoding lacks it: always ASCII."""
    if letter in STAND_INS:
        return STAND_INS[letter]
    if _DOTS.match(letter):
        return "*"
    return "+" if _BOX.match(letter) else escape(letter)


def signs(error: UnicodeError) -> tuple[str, int]:
    """Python's handler for what cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(sign, error.object[error.start : error.end])), error.end


codecs.register_error(ERRORS, signs)


def open_to_all() -> None:
    """Lets stdout and stderr take any text. A byte of a file name that Python would pass through as it is becomes an
    escape too: a terminal may take it for an order.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a test's stream may have none
        if reconfigure is not None:
            reconfigure(errors=ERRORS)


def fitted(text: str, encoding: str | None) -> str:
    """The text as `encoding` (None: any) can carry it, with its columns where they were: what a stand-in is longer than
    its sign is taken from the run of spaces before it, or else from the one behind it.
    """
    if encoding is None or text.isascii():
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "\n".join(_fitted(line, encoding) for line in text.split("\n"))
    return text


def _fitted(line: str, encoding: str) -> str:
    told, owed = "", 0
    for letter in line:
        if letter == " " and owed and told.endswith(" "):
            owed -= 1
            continue
        try:
            letter.encode(encoding)
        except UnicodeEncodeError:
            written = sign(letter)
            owed += len(written) - 1
            told += written
        else:
            told += letter
        told, owed = _paid(told, owed)
    return told


def _paid(told: str, owed: int) -> tuple[str, int]:
    """With fewer spaces where two or more stand together, the last such run first."""
    while owed > 0 and (at := told.rfind("  ")) >= 0:
        told, owed = told[:at] + told[at + 1 :], owed - 1
    return told, owed
