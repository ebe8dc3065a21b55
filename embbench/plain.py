"""The only way in for text from outside: a contender's output and exceptions, names in results files, file names.

After it, a text is plain and on a single line. It moves no cursor, changes no colour, changes no direction of writing
and hides nothing. The writer of a format (Markdown, CSV, XML, ...) escapes what the format would interpret.
"""

import re
import shlex
import unicodedata
from collections.abc import Sequence

MOST_OF_A_PART = 100  # characters of a file's name: with its suffixes it stays below the 255 bytes of Linux
MOST_MARKS = 8  # combining marks in a row; more marks pile up over the lines above and below
UNKNOWN = "\ufffd"  # in place of private and unassigned signs
CARRIER = "\u25cc"  # the dotted circle that Unicode gives a combining mark without a letter

# ECMA-48: CSI with its parameters; OSC, DCS, SOS, PM and APC if they end, else all following text would be lost; every
# other escape sequence.
_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]?"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~]?"
)
_JOINERS = "\u200c\u200d"  # within a word of Persian or of Hindi, or an emoji
_DROPPED = "\u00ad\u034f\u200b\u2060\ufeff"  # invisible signs that separate nothing
# Invisible letters and marks, which make two names look alike.
_BLANK = re.compile("[\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\U000e0000-\U000e0fff]")
_COLOUR = re.compile("(\x1b\\[[0-9;]*m)")
# Commands in a job's log: GitHub reads `::error::` at the beginning of a line, also after a wrap, and `##[` anywhere;
# Azure Pipelines reads `##vso[`, TeamCity `##teamcity[`.
_COMMAND = re.compile("(?<!\\S)::(?=\\w)|##(?=[A-Za-z]*\\[)")
_BYTES = re.compile("[\udc80-\udcff]")
_ORDINARY = re.compile("[ -~]*")
_ODD = re.compile("[^ A-Za-z0-9_/.,=+@%-]+|(?<= ) +")  # spelt by bytes in a shell's $'...'


def without_middle(text: str, longest: int) -> str:
    """The text with at most `longest` characters of its beginning and its end: a reason ends with the last words of the
    program that failed.
    """
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} ... {text[-half:]}"


def one_line(text: str) -> str:
    """The text as a single line, without spaces at its ends; a run of white space becomes a space.

    Escape sequences of terminals go; control characters, separators of lines and signs that turn the direction of
    writing become spaces; commands of a CI job's log are split. A byte of a file name that is no UTF-8 (a surrogate,
    to Python) is spelt \\xe9. one_line is idempotent: one_line(one_line(text)) == one_line(text).
    """
    if _ORDINARY.fullmatch(text):
        return _COMMAND.sub(_parted, " ".join(text.split()))
    line = _COMMAND.sub(_parted, " ".join(_harmless(text).split()))
    return CARRIER + line if line and unicodedata.category(line[0]).startswith("M") else line


def _parted(match: re.Match[str]) -> str:
    return ": :" if match[0] == "::" else "## "


def screened(text: str, colour: bool = False) -> str:
    """An answer for a terminal: lines and columns stay, and no text controls the terminal, except embbench's colours.
    Text from outside has passed `one_line` already: this is the second lock.
    """
    if not colour:
        return "\n".join(map(_harmless, text.split("\n")))
    parts = _COLOUR.split(text)  # every second part is a colour
    return "".join(part if at % 2 else screened(part) for at, part in enumerate(parts))


def has_orders(name: str) -> bool:
    """Whether a name has signs that `one_line` would remove. A byte that is not UTF-8 is part of a name."""
    if _ORDINARY.fullmatch(name):
        return False
    name = _BYTES.sub("x", name)
    return _harmless(name) != name


def shell_line(words: Sequence[str]) -> str:
    """A command that a shell reads as these words, on a line that `one_line` does not change. Signs that `one_line`
    would change are spelt in $'...', which bash, zsh and POSIX of 2024 know.
    """
    return " ".join(map(_shell_word, words))


def _shell_word(word: str) -> str:
    quoted = shlex.quote(word)
    return quoted if one_line(quoted) == quoted else f"$'{_ODD.sub(_octal, word)}'"


def _octal(match: re.Match[str]) -> str:
    # not \x: ksh would read a following digit too
    return "".join(f"\\{byte:03o}" for byte in match[0].encode("utf-8", "surrogateescape"))


def is_part_of_path(name: str) -> bool:
    """Whether text from outside can be the name of a directory entry on any system: no separator, no control signs, not
    '.' or '..', and not longer than MOST_OF_A_PART.
    """
    if name in ("", ".", "..") or "/" in name or "\\" in name or has_orders(name):
        return False
    return len(name) <= MOST_OF_A_PART and len(name.encode("utf-8", "surrogateescape")) <= 2 * MOST_OF_A_PART


def _harmless(text: str) -> str:
    if _ORDINARY.fullmatch(text):
        return text
    return _seen("".join(map(_shown, _BLANK.sub(" ", _SEQUENCE.sub("", text)))))


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS:
        return letter
    if "\ud800" <= letter <= "\udfff":
        return escape(letter)
    if letter in _DROPPED:
        return ""
    return UNKNOWN if unicodedata.category(letter) in ("Co", "Cn") else " "


def escape(letter: str) -> str:
    r"""A letter that cannot be written: \xe9 where it stands for a byte of a file name, else \u1234 or \U0001f600."""
    number = ord(letter)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _seen(text: str) -> str:
    """The text without joiners that join nothing, and without marks beyond MOST_MARKS."""
    kept: list[str] = []
    marks = 0
    for at, letter in enumerate(text):
        if letter in _JOINERS:
            after = text[at + 1 : at + 2]
            if not (kept and kept[-1] > "~" and kept[-1] not in _JOINERS and after > "~" and after not in _JOINERS):
                continue
        elif unicodedata.category(letter) in ("Mn", "Me"):
            marks += 1
            if marks > MOST_MARKS:
                continue
        else:
            marks = 0
        kept.append(letter)
    return "".join(kept)
