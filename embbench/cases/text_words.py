"""Words of running text, cut at Unicode's default word boundaries and case-folded, so that spellings of a word are
equal.

The boundaries are those of UAX #29, as implemented by the library `regex`. A token is the text between two boundaries
if it contains a letter, a digit or a pictograph: "can't" and "3,14" are a token, "e-mail" is two tokens, an emoji with
everything joined to it is a token, and so is the pictograph ©; "_" and "…" are not tokens. Words are compared by
canonical caseless matching (Unicode Standard 3.13, D145): "Café" equals "CAFÉ", with é as one code point or as two. The
comparison does not depend on a language: Turkish "İ" becomes "i" with a dot above it, which differs from "i".

Scripts without spaces between words have no such boundaries: a token is then a character or a whole line. Cutting such
text takes a dictionary, which the user's own tokenizer has. `Tally.unspaced` counts these tokens for a warning.
"""

import functools
import hashlib
import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

CHUNK = 1 << 18  # characters; a longer run without a boundary is cut
LONGEST = 32  # characters of a stored word; a digest stands for a longer word, so that no word takes much memory
AFTER = 4  # last segments that are kept back, including an empty segment: the following text may join them
MOST_MARKS = 30  # combining marks kept in a row, as in UAX #15, "Stream-Safe Text Format"
IOTA = "\u0345"  # the only mark that case folding turns into a letter, ι, so that the following text may join the word
NEWLINES = frozenset({"\n", "\r\n", "\r", "\u2028", "\u2029", "\x85"})

# Line_Break=Complex_Context is Unicode's class of scripts that need a dictionary: Thai, Lao, Khmer, Myanmar and others.
_UNSPACED = (
    r"[\p{Line_Break=Complex_Context}\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Tangut}\p{Nushu}\p{Tibetan}"
    r"\p{Javanese}\p{Balinese}]"
)
_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]")
_TOKEN = r"[\p{Alphabetic}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]"
# Whether a boundary lies between two flags depends on all flags before them, so that a run of flags would take time
# quadratic in its length. After an even number of flags there is always a boundary.
_FLAGS = r"(?:\p{Regional_Indicator}[\p{M}\p{Cf}]*+){64}"
_MARKS = rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+"
_SPACES = " \n\t"


@functools.cache
def _pattern(text: str) -> Any:
    import regex  # only where a text is read

    return regex.compile(text, regex.V1 | regex.WORD)


def segments(pieces: Iterable[str]) -> Iterator[list[str]]:
    """Lists of folded text between word boundaries, in order, with spaces and with some empty segments. The segments do
    not depend on how the text is divided into pieces, unless a run without boundaries is longer than CHUNK. Memory and
    time do not grow with the longest word.
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
    """A place where the text may be cut, whatever follows it."""
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
    """Whether the segment contains a letter, a digit or a pictograph."""
    if segment.isascii():
        return _ASCII_TOKEN.search(segment) is not None
    return segment.isalnum() or _pattern(_TOKEN).search(segment) is not None


def is_unspaced(token: str) -> bool:
    """Whether the token is of a script without spaces between words."""
    return not token.isascii() and _pattern(_UNSPACED).search(token) is not None


def key(token: str) -> str | bytes:
    """The key of a token: the token, or the digest of a long token."""
    return token if len(token) <= LONGEST else hashlib.blake2b(token.encode(), digest_size=16).digest()


class Tally(dict[str, int]):
    """Counts tokens and lines of segments, in bounded memory. tokens, lines: totals. unspaced: tokens of scripts
    without spaces between words.
    """

    KNOWN = 1 << 14  # segments whose count is remembered
    PLACES = 1 << 21  # of the sketch: the error is 1 % up to 10 million different words
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
        """Estimated number of different tokens, by linear counting (Whang et al. 1990). Three standard errors are
        added, so that the estimate is hardly ever too low.
        """
        free = self._seen.count(0)
        if not free:
            return self.tokens
        load = math.log(self.PLACES / free)
        error = math.sqrt(self.PLACES * max(0.0, math.exp(load) - load - 1))
        return min(self.tokens, math.ceil(self.PLACES * load + 3 * error))
