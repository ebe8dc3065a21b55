"""Words of running text, cut at the default word boundaries of Unicode and folded, so that one word is one word.

Boundaries are those of UAX #29, as the library `regex` has them. A token is what lies between two of them and holds a
letter, a digit or a pictograph: 'can't', '3,14', 'e-mail' as two, an emoji with all that is joined to it as one; © is a
pictograph, '_' and '…' are no tokens. Words are held against each other as canonical caseless matching does it (Unicode
Standard 3.13, D145): 'Café' is 'CAFÉ', with é as one code point or as two. It knows no language: Turkish 'İ' is 'i'
with a dot above it, which is not 'i'.

Scripts that write no spaces between words have no such boundaries: there a token is a character, or a whole line. To
cut them takes a dictionary, as the user's own tokenizer has it; `Tally.unspaced` counts them, so that it can be told.
"""

import functools
import hashlib
import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

CHUNK = 1 << 18  # characters: a run without any boundary is cut after so many
LONGEST = 32  # characters of a word that is kept; a longer one is told by its digest, so that none takes much memory
AFTER = 4  # last segments of what was read, an empty one among them: what follows may yet join them
MOST_MARKS = 30  # combining marks in a row that count, as in UAX #15, "Stream-Safe Text Format"
IOTA = "\u0345"  # the only mark that is folded to a letter, ι, so that what follows may go on with a word
NEWLINES = frozenset({"\n", "\r\n", "\r", "\u2028", "\u2029", "\x85"})

# Line_Break=Complex_Context is Unicode's own name for what takes a dictionary: Thai, Lao, Khmer, Myanmar and others.
_UNSPACED = (
    r"[\p{Line_Break=Complex_Context}\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Tangut}\p{Nushu}\p{Tibetan}"
    r"\p{Javanese}\p{Balinese}]"
)
_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]")
_TOKEN = r"[\p{Alphabetic}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]"
# Whether a boundary lies between two flags depends on all flags before them, so that a wall of flags would take the
# square of its length. After an even number of them there is always one.
_FLAGS = r"(?:\p{Regional_Indicator}[\p{M}\p{Cf}]*+){64}"
_MARKS = rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+"
_SPACES = " \n\t"


@functools.cache
def _pattern(text: str) -> Any:
    import regex  # only where a text is read

    return regex.compile(text, regex.V1 | regex.WORD)


def segments(pieces: Iterable[str]) -> Iterator[list[str]]:
    """Folded text between word boundaries, in order, spaces and all, with empty segments among them: the same however
    the text comes in pieces, unless a run without boundaries is longer than CHUNK. Memory and time do not grow with the
    longest word.
    """
    rest = ""
    for piece in pieces:
        rest += piece
        if len(rest) >= CHUNK // 4:
            at = _safe(rest)
            yield _cut(rest[:at])
            rest = rest[at:]
    yield _cut(rest)


def _safe(text: str) -> int:
    """A place at which the text may be parted, whatever comes after it."""
    at = max(text.rfind(space) for space in _SPACES)
    if at > 0:
        return at  # before the space: a combining mark would join it
    if IOTA in text:  # a boundary must be one before folding, so that no mark is parted from its letter, and after it
        ends = sorted(set(_ends(text)) & set(_ends(text.replace(IOTA, "ι"))))
        if len(ends) > AFTER:
            return ends[-AFTER - 1]
    elif len(found := _split(text)) > AFTER:
        return len(text) - sum(map(len, found[-AFTER:]))
    return len(text) if len(text) >= CHUNK else 0


def _ends(text: str) -> Iterator[int]:
    return itertools.accumulate(map(len, _split(text)))


def _cut(text: str) -> list[str]:
    if text.isascii():
        return _split(text.lower())
    text = _pattern(_MARKS).sub(r"\1", text)
    return _split(unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold()))


def _split(text: str) -> list[str]:
    boundary = _pattern(r"\b")
    ends: list[int] = [] if text.isascii() else [match.end() for match in _pattern(_FLAGS).finditer(text)]
    if not ends:
        return boundary.split(text)
    parts = (text[start:end] for start, end in itertools.pairwise([0, *ends, len(text)]))
    return [segment for part in parts for segment in boundary.split(part)]


def is_token(segment: str) -> bool:
    """Whether it holds a letter, a digit or a pictograph."""
    if segment.isascii():
        return _ASCII_TOKEN.search(segment) is not None
    return segment.isalnum() or _pattern(_TOKEN).search(segment) is not None


def is_unspaced(token: str) -> bool:
    """Whether it is of a script that writes no spaces between words."""
    return not token.isascii() and _pattern(_UNSPACED).search(token) is not None


def key(token: str) -> str | bytes:
    """By which a token is known: itself, or the digest of a long one."""
    return token if len(token) <= LONGEST else hashlib.blake2b(token.encode(), digest_size=16).digest()


class Tally(dict[str, int]):
    """Counts what segments hold, in memory that does not grow. tokens, lines: in all. unspaced: tokens of scripts that
    write no spaces between words.
    """

    KNOWN = 1 << 14  # segments that are looked up instead of looked into
    PLACES = 1 << 21  # of the sketch: up to 10 million different words are estimated to 1 %
    _UNSPACED, _LINE = 1 << 40, 1 << 80

    def __init__(self) -> None:
        super().__init__()
        self._sum = 0
        self._seen = bytearray(self.PLACES)

    def add(self, found: list[str]) -> None:
        self._sum += sum(map(self.__getitem__, found))
        if len(self) > self.KNOWN:
            self.clear()

    def __missing__(self, segment: str) -> int:
        if segment in NEWLINES:
            worth = self._LINE
        elif not is_token(segment):
            worth = 0
        else:
            at = hashlib.blake2b(segment.encode(), digest_size=8).digest()  # a CRC spreads w1, w2, w3 too evenly
            self._seen[int.from_bytes(at) % self.PLACES] = 1
            worth = 1 + (self._UNSPACED if is_unspaced(segment) else 0)
        if len(segment) <= LONGEST:
            self[segment] = worth
        return worth

    @property
    def tokens(self) -> int:
        return self._sum % self._UNSPACED

    @property
    def unspaced(self) -> int:
        return self._sum % self._LINE // self._UNSPACED

    @property
    def lines(self) -> int:
        return self._sum // self._LINE

    @property
    def different(self) -> int:
        """About how many different tokens there are, by linear counting (Whang et al. 1990), and never too few by much:
        three standard errors are added.
        """
        free = self._seen.count(0)
        if not free:
            return self.tokens
        load = math.log(self.PLACES / free)
        error = math.sqrt(self.PLACES * max(0.0, math.exp(load) - load - 1))
        return min(self.tokens, math.ceil(self.PLACES * load + 3 * error))
