"""Token streams: which rows of the table a batch touches. The grammar here; the draws in `spec.streams`.

words             real English word counts, ids ranked by frequency (as Keras tokenizers give them)
words:shuffled    the same counts, ids in random order (as hashing gives them)
uniform           every row equally likely: the worst case for sparse updates
zipf:S            row r with probability proportional to 1 / r**S, any S > 0
same              one row for all tokens of a batch: the worst case for contention
corpus:FILE       running text of a UTF-8 file, words ranked by their frequency in it
"""

import math
import re
from pathlib import Path

import msgspec

from embbench.errors import UsageError, unknown

KINDS = ("words", "uniform", "zipf", "same", "corpus")


class TokenStream(msgspec.Struct, frozen=True):
    """A parsed token stream. exponent: of zipf. path: of corpus. shuffled: ids in random order."""

    kind: str
    exponent: float = 0.0
    path: str = ""
    shuffled: bool = False

    @property
    def canonical(self) -> str:
        """The one spelling that a Case stores."""
        if self.kind == "zipf":
            return f"zipf:{self.exponent:g}"
        if self.kind == "corpus":
            return f"corpus:{self.path}"
        return f"{self.kind}:shuffled" if self.shuffled else self.kind


def parse_tokens(text: str) -> TokenStream:
    """Raises UsageError with the nearest valid stream."""
    kind, _, argument = text.partition(":")
    if kind not in KINDS:
        raise UsageError("tokens: " + unknown("token stream", kind, KINDS))
    if kind == "zipf":
        return TokenStream(kind, exponent=_exponent(argument))
    if kind == "corpus":
        if not argument:
            raise UsageError("tokens: corpus needs a file: corpus:FILE")
        return TokenStream(kind, path=argument)
    if kind == "words" and argument in ("", "ranked", "shuffled"):
        return TokenStream(kind, shuffled=argument == "shuffled")
    if argument:
        raise UsageError(f"tokens: {text!r}: nothing may follow {kind!r} here" + _words_hint(kind))
    return TokenStream(kind)


def read_words(path: str) -> list[str]:
    """The lower-cased words of a text file in running order. Raises UsageError: missing, empty or not UTF-8."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"corpus {path}: {error.strerror}; give a readable text file: --tokens corpus:FILE") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"corpus {path}: not UTF-8 at byte {error.start}; convert the file to UTF-8 first") from None
    words = re.findall(r"\w+", text.lower())
    if not words:
        raise UsageError(f"corpus {path}: no words in it; give a text file with at least one word")
    return words


def _words_hint(kind: str) -> str:
    return " but :ranked or :shuffled" if kind == "words" else ""


def _exponent(argument: str) -> float:
    try:
        value = float(argument)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"tokens: zipf needs an exponent above 0, such as zipf:1.1; got {argument!r}")
    return value
