"""The files of token streams, of text or ids: read once, as a stream, and identified by their content."""

import codecs
import functools
import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from embbench.cases.labelled_texts import Labels
from embbench.cases.regular_files import kind_of_file
from embbench.cases.text_words import Tally, segments
from embbench.cases.tokens import (
    DIGEST,
    DRAWN_ARRAYS,
    FILES,
    LABELLED,
    NO_COMMA,
    PADDED,
    TokenStream,
    by_name,
    parse_tokens,
)
from embbench.errors import UsageError

BLOCK = 1 << 16  # bytes per read
LONGEST_ID = 18  # digits
SPACES = tuple(bytes([each]) for each in b" \n\t\r\v\f")  # all that bytes.split parts at
ZEROS = 0.1  # share of zero bytes above which a file is no UTF-8: English in UTF-16 has a half
TELLING = 0.01  # share of tokens in scripts without spaces above which the user gets a warning

# Peak bytes of drawing in the worker; `tests/bench/corpus.py` measures them.
FIXED, EACH_TOKEN, EACH_DIFFERENT, EACH_LINE, EACH_ID = 24e6, 4.6, 240, 9.2, 9.2


class Source(msgspec.Struct, frozen=True):
    """A file that was read. path: its bytes, which need not be UTF-8. stream: as a Case stores it. size: bytes. tokens:
    their number. unspaced: tokens of scripts without spaces between words. different: estimated number of distinct
    words; 0 for ids. lines: of texts.
    """

    path: bytes
    stream: str
    size: int
    tokens: int
    different: int = 0
    unspaced: int = 0
    lines: int = 0

    @property
    def name(self) -> str:
        """The path as readable text."""
        return self.path.decode("utf-8", "backslashreplace")

    @property
    def bytes(self) -> int:
        """Bytes that the worker needs to draw from the file."""
        if self.stream.startswith("ids"):
            return int(FIXED + EACH_ID * self.tokens)
        lines = self.lines if self.stream.startswith(PADDED) else 0
        return int(FIXED + EACH_TOKEN * self.tokens + EACH_DIFFERENT * self.different + EACH_LINE * lines)

    @property
    def warning(self) -> str:
        """A warning about U; '' for none."""
        share = self.unspaced / self.tokens
        if share < TELLING:
            return ""
        return (
            f"{self.name}: {share:.0%} of the tokens are of scripts without spaces between words; embbench cuts them "
            "into characters or lines, so U differs from the U of your tokenizer; use the tokenizer's ids: "
            "--tokens ids:FILE"
        )


class Reader:
    """Iterates over the blocks of a regular file, once. digest: of the blocks so far, as a Case stores it.

    Raises UsageError where the file is missing, is no regular file, or cannot be read.
    """

    def __init__(self, kind: str, path: bytes) -> None:
        self.where, self._kind, self._path = f"{kind} {path.decode('utf-8', 'backslashreplace')}", kind, path
        self._sum = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            self._check(Path(os.fsdecode(self._path)).stat().st_mode)  # opening a device may change its state
            # O_NONBLOCK: the file may have become a FIFO, and opening it would wait for a writer
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                self._check(os.fstat(file).st_mode)
                while block := os.read(file, BLOCK):
                    self._sum.update(block)
                    yield block
                    self.size += len(block)
            finally:
                os.close(file)
        except (OSError, ValueError) as error:  # the latter: a name with a NUL in it
            raise self.refused(getattr(error, "strerror", None) or str(error)) from None

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()[:DIGEST]

    def refused(self, why: str) -> UsageError:
        return UsageError(f"{self.where}: {why}; give a readable text file: --tokens {self._kind}:FILE ({NO_COMMA})")

    def _check(self, mode: int) -> None:
        if kind := kind_of_file(mode):
            raise self.refused(f"is {kind}, which cannot be read twice")


def texts(reader: Reader) -> Iterator[str]:
    """The text of a file, in pieces. Raises UsageError where it is not UTF-8. UTF-16 without a byte order mark may be
    valid UTF-8, in which every letter would be a word, so many zero bytes are an error too.
    """
    decode = codecs.getincrementaldecoder("utf-8")()
    for block in reader:
        text = _decoded(reader, decode, block)
        if reader.size == 0 and block.count(0) > ZEROS * len(block):
            share = block.count(0) / len(block)
            raise UsageError(f"{reader.where}: {share:.0%} zero bytes, as in UTF-16; convert the file to UTF-8 first")
        yield text.removeprefix("" if reader.size else "\ufeff")
    _decoded(reader, decode, b"", final=True)


def _decoded(reader: Reader, decode: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> str:
    waiting = len(decode.getstate()[0])
    try:
        return decode.decode(block, final)
    except UnicodeDecodeError as error:
        at = reader.size - waiting + error.start
        raise UsageError(f"{reader.where}: not UTF-8 at byte {at}; convert the file to UTF-8 first") from None


def ids(reader: Reader) -> Iterator[list[int]]:
    """The numbers of a file of ids, in pieces. Raises UsageError with the line of a wrong id."""
    rest, line = b"", 1
    for block in reader:
        block = rest + (block if reader.size else block.removeprefix(codecs.BOM_UTF8))
        at = max(block.rfind(space) for space in SPACES) + 1
        if at == 0 and len(block) > BLOCK:
            at = len(block)
        block, rest = block[:at], block[at:]
        yield _numbers(reader, block, line)
        line += block.count(b"\n")
    yield _numbers(reader, rest, line)


def _numbers(reader: Reader, block: bytes, line: int) -> list[int]:
    words = block.split()
    if not all(map(bytes.isdigit, words)) or any(len(word) > LONGEST_ID for word in words):
        for number, text in enumerate(block.split(b"\n"), line):
            for each in text.split():
                if not each.isdigit() or len(each) > LONGEST_ID:
                    shown = each[:20].decode("utf-8", "backslashreplace")
                    raise UsageError(
                        f"{reader.where}: line {number}: '{shown}' is no id; write decimal numbers of at most "
                        f"{LONGEST_ID} digits, separated by white space"
                    )
    return list(map(int, words))


def find_source(tokens: str) -> Source | None:
    """The file of a stream, read to its end; None for a stream without a file. Raises UsageError where the file cannot
    be read, or has another content than the stream names.
    """
    stream = parse_tokens(tokens)
    if stream.kind not in FILES:
        return None
    if not stream.path:
        raise UsageError(f"tokens: {tokens} names a content without a file; name the file: {stream.kind}:FILE")
    stream = by_name(stream)
    try:
        now = Path(stream.path).stat()
        state = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
    except (OSError, ValueError):  # reading raises the error
        state = ()
    source = _read(stream.kind, stream.left, os.fsencode(stream.path), state)
    check_content(stream, parse_tokens(source.stream).digest, f"{stream.kind} {source.name}")
    return source


@functools.lru_cache(maxsize=64)
def _read(kind: str, left: bool, path: bytes, _state: tuple[int, ...]) -> Source:
    """_state: of the file, so that an unchanged file is read once."""
    reader = Reader(kind, path)
    if kind == "ids":
        tally, tokens = None, sum(map(len, ids(reader)))
    else:
        tally = Tally()
        for piece in segments(Labels().read(texts(reader), reader.refused) if kind == LABELLED else texts(reader)):
            tally.add(piece)
        tokens = tally.tokens
    check_some(reader, tokens)
    stored = TokenStream(kind, digest=reader.digest, left=left).canonical
    if tally is None:
        return Source(path, stored, reader.size, tokens)
    return Source(path, stored, reader.size, tokens, tally.different, tally.unspaced, tally.lines)


def drawing_bytes(tokens: str, vocab: int, source: Source | None) -> int:
    """Bytes of drawing the stream that grow with the vocabulary or the file. source: of the stream; None without a
    file.
    """
    return source.bytes if source else 8 * DRAWN_ARRAYS.get(parse_tokens(tokens).kind, 0) * vocab


def check_some(reader: Reader, tokens: int) -> None:
    """Raises UsageError where the file has no tokens."""
    if not tokens:
        what = "ids" if reader.where.startswith("ids") else "words"
        raise UsageError(f"{reader.where}: the file has no {what}; give a file with some")


def check_content(stream: TokenStream, digest: str, where: str) -> None:
    """Raises UsageError where the stream names another content."""
    if not digest.startswith(stream.digest):
        raise UsageError(
            f"{where}: the content is {digest[: len(stream.digest)]} and no longer {stream.digest}; restore the file, "
            f"or leave the digest out to measure the new content: --tokens {stream.kind}:FILE"
        )


def same_content(text: str, known: Collection[str]) -> list[str]:
    """The `known` streams, as Cases of any version store them, that a user's `text` means. Raises UsageError where the
    text is no stream, or its file cannot be read.
    """
    if text in known:
        return [text]
    source = find_source(text)
    if source is None:
        return [each for each in known if each == parse_tokens(text).canonical]
    wanted = parse_tokens(source.stream)
    return [each for each in known if _holds(each, wanted)]


def _holds(text: str, wanted: TokenStream) -> bool:
    try:
        stream = parse_tokens(text)
    except UsageError:  # results from outside may hold anything
        return False
    same = (stream.kind, stream.left) == (wanted.kind, wanted.left)
    return same and stream.digest != "" and wanted.digest.startswith(stream.digest)
