"""Token streams: which rows of the table a batch touches. The grammar here; the draws in `spec.streams`.

words             real English word counts, ids ranked by frequency (as tokenizers commonly give them)
words:shuffled    the same counts, ids in random order (as hashing gives them)
uniform           every row equally likely: the worst case for sparse updates
zipf:S            row r with probability proportional to 1 / r**S, any S > 0
same              one row for all tokens of a batch: the worst case for contention
corpus:FILE       running text of a UTF-8 file, words ranked by their frequency in it

A Case stores corpus:FILE#1a2b3c4d with the beginning of the SHA-256 of the file, so that an edited file is another
stream.
"""

import hashlib
import math
import re
from pathlib import Path

import msgspec

from embbench.errors import UsageError, unknown

KINDS = ("words", "uniform", "zipf", "same", "corpus")
DRAWN_ARRAYS = {"words": 3, "zipf": 2}  # arrays of vocab float64 alive at the peak of a draw
NO_COMMA = "commas separate values, so that the name of a corpus file can have none"
_CORPUS = re.compile(r"(.+?)(?:#([0-9a-f]{8}))?", re.DOTALL)


class TokenStream(msgspec.Struct, frozen=True):
    """A parsed token stream. exponent: of zipf. path, digest: of corpus, digest '' where it was not given.
    shuffled: ids in random order.
    """

    kind: str
    exponent: float = 0.0
    path: str = ""
    shuffled: bool = False
    digest: str = ""

    @property
    def canonical(self) -> str:
        """The one spelling that a Case stores."""
        if self.kind == "zipf":
            short = f"{self.exponent:g}"
            return f"zipf:{short if float(short) == self.exponent else repr(self.exponent)}"
        if self.kind == "corpus":
            return f"corpus:{self.path}#{self.digest}" if self.digest else f"corpus:{self.path}"
        return f"{self.kind}:shuffled" if self.shuffled else self.kind


def parse_tokens(text: str) -> TokenStream:
    """Raises UsageError with the nearest valid stream."""
    kind, _, argument = text.partition(":")
    if kind not in KINDS:
        hint = f"; {NO_COMMA}" if "." in text or "/" in text else ""
        raise UsageError("tokens: " + unknown("token stream", kind, KINDS) + hint)
    if kind == "zipf":
        return TokenStream(kind, exponent=_exponent(argument))
    if kind == "corpus":
        match = _CORPUS.fullmatch(argument)
        if match is None:
            raise UsageError("tokens: corpus needs a file: corpus:FILE")
        return TokenStream(kind, path=match[1], digest=match[2] or "")
    if kind == "words" and argument in ("", "ranked", "shuffled"):
        return TokenStream(kind, shuffled=argument == "shuffled")
    if argument:
        raise UsageError(f"tokens: {text!r}: nothing may follow {kind!r} here" + _words_hint(kind))
    return TokenStream(kind)


def with_digest(tokens: str) -> str:
    """The canonical stream, that of a corpus with its file's digest. Raises UsageError where the file is no corpus."""
    stream = parse_tokens(tokens)
    if stream.kind != "corpus":
        return stream.canonical
    return msgspec.structs.replace(stream, digest=_read_corpus(stream)[1]).canonical


def read_words(stream: TokenStream) -> list[str]:
    """The lower-cased words of a corpus in running order.

    Raises UsageError: the file is missing, empty or not UTF-8, or its digest is not that of the stream.
    """
    return _read_corpus(stream)[0]


def drawing_bytes(tokens: str, vocab: int) -> int:
    """What drawing the stream takes, besides what does not grow with the vocabulary."""
    return 8 * DRAWN_ARRAYS.get(parse_tokens(tokens).kind, 0) * vocab


def _read_corpus(stream: TokenStream) -> tuple[list[str], str]:
    """(words, digest)."""
    where = f"corpus {stream.path}"
    try:
        data = Path(stream.path).read_bytes()
        text = data.decode()
    except OSError as error:
        raise UsageError(
            f"{where}: {error.strerror}; give a readable text file: --tokens corpus:FILE ({NO_COMMA})"
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8 at byte {error.start}; convert the file to UTF-8 first") from None
    words = re.findall(r"\w+", text.lower())
    if not words:
        raise UsageError(f"{where}: no words in it; give a text file with at least one word")
    digest = hashlib.sha256(data).hexdigest()[:8]
    if stream.digest not in ("", digest):
        raise UsageError(
            f"{where}: its content is {digest} and no longer {stream.digest}; restore the file, or give it without "
            f"the digest to measure it anew: --tokens corpus:{stream.path}"
        )
    return words, digest


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
