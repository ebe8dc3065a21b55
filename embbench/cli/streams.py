"""stdout and stderr in any encoding: signs that a stream cannot carry are written in ASCII, without errors."""

import codecs
import re
import sys

from embbench.plain import escape

ERRORS = "embbench"  # the name of Python's error handler `signs`
# Stand-ins of a single column, where such a sign exists.
STAND_INS = {
    "✓": "ok", "✗": "NO", "×": "x", "±": "+-", "→": "->", "←": "<-", "…": "...", "•": "*", "·": "-", "–": "-", "—": "-",
    "−": "-", "─": "-", "━": "-", "│": "|", "µ": "u", "μ": "u", "≈": "~", "≤": "<=", "≥": ">=", "⁹": "^9", "√": "sqrt",
    "‘": "'", "’": "'", "“": '"', "”": '"', "°": " deg", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u25cc": "",
    "█": "#", "▓": "%", "▒": "+", "░": ".", "▞": "/", "▚": "\\", "⠀": " ", "\ufffd": "?", "\u200c": "", "\u200d": "",
}  # fmt: skip
_BOX = re.compile("[─-╿]")
_DOTS = re.compile("[⠀-⣿]")  # the signs that draw a curve


def sign(letter: str) -> str:
    """The stand-in of a letter that an encoding lacks: always ASCII."""
    if letter in STAND_INS:
        return STAND_INS[letter]
    if _DOTS.match(letter):
        return "*"
    return "+" if _BOX.match(letter) else escape(letter)


def signs(error: UnicodeError) -> tuple[str, int]:
    """Python's error handler for letters that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(sign, error.object[error.start : error.end])), error.end


codecs.register_error(ERRORS, signs)


def open_to_all() -> None:
    """Lets stdout and stderr take any text. A raw byte of a file name becomes an escape too, because a terminal may
    read it as a command.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a test's stream may have none
        if reconfigure is not None:
            reconfigure(errors=ERRORS)


def fitted(text: str, encoding: str | None) -> str:
    """The text in letters that `encoding` (None: any) can carry, with unchanged columns: longer stand-ins take their
    extra columns from the run of spaces before or behind them.
    """
    if encoding is None or text.isascii():
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "\n".join(_fitted(line, encoding) for line in text.split("\n"))
    return text


def _fitted(line: str, encoding: str) -> str:
    text, owed = "", 0
    for letter in line:
        if letter == " " and owed and text.endswith(" "):
            owed -= 1
            continue
        try:
            letter.encode(encoding)
        except UnicodeEncodeError:
            written = sign(letter)
            owed += len(written) - 1
            text += written
        else:
            text += letter
        text, owed = _paid(text, owed)
    return text


def _paid(text: str, owed: int) -> tuple[str, int]:
    """The text with fewer spaces where two or more stand together, the last run first."""
    while owed > 0 and (at := text.rfind("  ")) >= 0:
        text, owed = text[:at] + text[at + 1 :], owed - 1
    return text, owed
