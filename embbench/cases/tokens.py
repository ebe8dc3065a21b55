"""Token streams: the rows of the table that a batch touches. This module has the grammar, `cases.streams` the draws.

words             real English word counts, ids ranked by frequency (as most tokenizers do)
words:shuffled    the same counts, ids in random order (as hashing does)
uniform           every row equally likely: the worst case for sparse updates
zipf:S            row r with probability proportional to 1 / r**S, any S > 0
same              a single row for all tokens of a batch: the worst case for contention
...:sorted        words, words:shuffled, uniform or zipf:S with the ids of each batch in ascending order
corpus:FILE       running text of a UTF-8 file, words ranked by their frequency in it, see `cases.text_words`
texts:FILE        a text per line, cut after `seq` words or padded with row 0 after its last word; words from row 1 on
texts:left:FILE   the same, padded before the first word; a longer text keeps its last `seq` words
labelled:FILE     a label, a tab and a text per line, padded and cut as texts:left:FILE; see `cases.labelled_texts`
ids:FILE          running ids of your own tokenizer: decimal numbers between white space

Words and ids beyond the vocabulary share its last row. A Case stores corpus#9f86d081884c7d65, with the beginning of the
SHA-256 of the file and without its path: the same content is the same case in any place, and an edited file is another
case. corpus:FILE#9f86d081884c7d65 is a file that must have this content. Rounds of older versions hold
corpus:FILE#1a2b3c4d.
"""

import math
import re
from pathlib import Path

import msgspec

from embbench.errors import UsageError, quoted, unknown

LABELLED = "labelled"
PADDED = ("texts", LABELLED)  # kinds with padding
FILES = ("corpus", *PADDED, "ids")
KINDS = ("words", "uniform", "zipf", "same", *FILES)
DRAWN_ARRAYS = {"words": 3, "zipf": 2}  # arrays of vocab float64 alive at the peak of a draw
PADDING = 0  # row of the padding, in a stream of texts
NO_COMMA = "commas separate values, so a file name cannot have commas"
DIGEST = 16  # hexadecimal digits that a Case stores; of a million files, two share them once in 10^7 times
_LEFT, _SORTED = "left", "sorted"
_CAN_BE_SORTED = ("words", "uniform", "zipf")
_FILE = re.compile(rf"(.+?)(?:#([0-9a-f]{{8}}|[0-9a-f]{{{DIGEST}}}))?", re.DOTALL)
_CONTENT = re.compile(rf"({'|'.join(FILES)})(:{_LEFT})?#([0-9a-f]{{{DIGEST}}})")


class TokenStream(msgspec.Struct, frozen=True):
    """A parsed token stream. exponent: of zipf. path, digest: of a file; path is '' in a Case, digest is '' where the
    user names none. shuffled: ids in random order. left: padded in front. ordered: ids ascend within a batch.
    """

    kind: str
    exponent: float = 0.0
    path: str = ""
    shuffled: bool = False
    digest: str = ""
    left: bool = False
    ordered: bool = False

    @property
    def canonical(self) -> str:
        """The canonical spelling; a Case stores it, without a path."""
        if self.ordered:
            return f"{self.drawn.canonical}:{_SORTED}"
        if self.kind == "zipf":
            short = f"{self.exponent:g}"
            return f"zipf:{short if float(short) == self.exponent else repr(self.exponent)}"
        if self.kind in FILES:
            text = f"{self.kind}:{_LEFT}" if self.left else self.kind
            text = f"{text}:{self.path}" if self.path else text
            return f"{text}#{self.digest}" if self.digest else text
        return f"{self.kind}:shuffled" if self.shuffled else self.kind

    @property
    def drawn(self) -> "TokenStream":
        """The stream before its batches are sorted."""
        return msgspec.structs.replace(self, ordered=False)


def parse_tokens(text: str) -> TokenStream:
    """A stream from its text. Raises UsageError with the nearest valid stream."""
    if match := _CONTENT.fullmatch(text):
        return TokenStream(match[1], digest=match[3], left=match[2] is not None)
    kind, _, argument = text.partition(":")
    if kind in _CAN_BE_SORTED and (argument == _SORTED or argument.endswith(f":{_SORTED}")):
        return msgspec.structs.replace(parse_tokens(text.removesuffix(f":{_SORTED}")), ordered=True)
    if kind not in KINDS:
        hint = f"; {NO_COMMA}" if "." in text or "/" in text else ""
        hint = "; a comma separates values: write a fraction as in zipf:1.1" if text.isdecimal() else hint
        raise UsageError("tokens: " + unknown("token stream", kind, KINDS) + hint)
    if kind == "zipf":
        return TokenStream(kind, exponent=_exponent(argument))
    if kind in FILES:
        return _of_file(kind, argument)
    if kind == "words" and argument in ("", "ranked", "shuffled"):
        return TokenStream(kind, shuffled=argument == "shuffled")
    if argument:
        raise UsageError(f"tokens: {quoted(text)}: nothing may follow {quoted(kind)} here" + _words_hint(kind))
    return TokenStream(kind)


def _of_file(kind: str, argument: str) -> TokenStream:
    left = kind == "texts" and argument.startswith(f"{_LEFT}:")
    match = _FILE.fullmatch(argument.removeprefix(f"{_LEFT}:") if left else argument)
    if match is None:
        raise UsageError(f"tokens: {kind} needs a file: {kind}:FILE")
    return TokenStream(kind, path=match[1], digest=match[2] or "", left=left)


def by_name(stream: TokenStream) -> TokenStream:
    """The stream of the file that exists: a file name may end like a digest. Raises UsageError where only a file exists
    whose name begins with 'left:'.
    """
    whole = f"{stream.path}#{stream.digest}"
    if stream.digest and _is_there(whole):
        return msgspec.structs.replace(stream, path=whole, digest="")
    if stream.left and not _is_there(stream.path) and _is_there(f"{_LEFT}:{stream.path}"):
        raise UsageError(
            f"texts {stream.path}: No such file; for the file left:{stream.path} write "
            f"--tokens texts:./left:{stream.path}"
        )
    return stream


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long, or with a NUL: reading raises the error
        return False


def _words_hint(kind: str) -> str:
    return " but :ranked or :shuffled" if kind == "words" else " but :sorted" if kind == "uniform" else ""


def _exponent(argument: str) -> float:
    try:
        value = float(argument)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"tokens: zipf needs an exponent above 0, such as zipf:1.1; got {quoted(argument)}")
    return value
