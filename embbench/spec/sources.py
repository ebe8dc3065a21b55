"""Files of text or ids that a token stream is drawn from: read once, as a stream, and known by their content."""

import codecs
import functools
import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from embbench.errors import UsageError
from embbench.spec.regular_files import kind_of_file
from embbench.spec.tokens import DIGEST, DRAWN_ARRAYS, FILES, NO_COMMA, TokenStream, by_name, parse_tokens
from embbench.spec.words import Tally, segments

BLOCK = 1 << 16  # bytes that are read at once
LONGEST_ID = 18  # digits
SPACES = tuple(bytes([each]) for each in b" \n\t\r\v\f")  # all that bytes.split parts at
ZEROS = 0.1  # share of bytes from which on it is no UTF-8: in UTF-16, English has one in two
TELLING = 0.01  # share of tokens in scripts without spaces from which on it is told

# Bytes that the worker's drawing holds at its peak; `tests/bench/corpus.py` measures them.
FIXED, EACH_TOKEN, EACH_DIFFERENT, EACH_LINE, EACH_ID = 24e6, 4.6, 240, 9.2, 9.2


class Source(msgspec.Struct, frozen=True):
    """A file that was read. path: as the system has it, which need not be UTF-8. stream: as a Case stores it. size: its
    bytes. tokens: in all, of which `unspaced` are of scripts that write no spaces between words. different: about
    how many different words; 0 of ids. lines: in texts.
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
        """The path, to be shown."""
        return self.path.decode("utf-8", "backslashreplace")

    @property
    def bytes(self) -> int:
        """That the worker needs to draw from it."""
        if self.stream.startswith("ids"):
            return int(FIXED + EACH_ID * self.tokens)
        lines = self.lines if self.stream.startswith("texts") else 0
        return int(FIXED + EACH_TOKEN * self.tokens + EACH_DIFFERENT * self.different + EACH_LINE * lines)

    @property
    def warning(self) -> str:
        """What must be known of U; '' where nothing."""
        share = self.unspaced / self.tokens
        if share < TELLING:
            return ""
        return (
            f"{self.name}: {share:.0%} of its tokens are of scripts that write no spaces between words; they are cut "
            "into characters or lines and not into words, so that U is not that of your tokenizer; give its ids: "
            "--tokens ids:FILE"
        )


class Reader:
    """Iterates over a regular file's blocks, once. digest: of what was read so far, as a Case stores it.

    Raises UsageError: the file is missing, no regular file, or cannot be read.
    """

    def __init__(self, kind: str, path: bytes) -> None:
        self.where, self._kind, self._path = f"{kind} {path.decode('utf-8', 'backslashreplace')}", kind, path
        self._sum = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            self._check(Path(os.fsdecode(self._path)).stat().st_mode)  # to open a device may do something to it
            # O_NONBLOCK: where a FIFO has come in between, to open it would wait for who writes into it
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
            raise self.refused(f"is {kind} and no file that can be read twice")


def texts(reader: Reader) -> Iterator[str]:
    """A file as text, in pieces. Raises UsageError where it is not UTF-8. UTF-16 without a mark at its beginning can be
    valid UTF-8, in which each letter would be a word: its zero bytes tell.
    """
    decode = codecs.getincrementaldecoder("utf-8")()
    for block in reader:
        text = _decoded(reader, decode, block)
        if reader.size == 0 and block.count(0) > ZEROS * len(block):
            share = block.count(0) / len(block)
            raise UsageError(f"{reader.where}: {share:.0%} zero bytes, as UTF-16 has; convert the file to UTF-8 first")
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
    """The numbers of a file of ids, in pieces. Raises UsageError with the line of what is no id."""
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
    found = block.split()
    if not all(map(bytes.isdigit, found)) or any(len(each) > LONGEST_ID for each in found):
        for number, text in enumerate(block.split(b"\n"), line):
            for each in text.split():
                if not each.isdigit() or len(each) > LONGEST_ID:
                    shown = each[:20].decode("utf-8", "backslashreplace")
                    raise UsageError(
                        f"{reader.where}: line {number}: '{shown}' is no id; write decimal numbers from 0 on between "
                        f"white space, of at most {LONGEST_ID} digits"
                    )
    return list(map(int, found))


def find_source(tokens: str) -> Source | None:
    """The file of a stream, read through; None where the stream has none. Raises UsageError where the file cannot be
    drawn from, or has not the content that the stream names.
    """
    stream = parse_tokens(tokens)
    if stream.kind not in FILES:
        return None
    if not stream.path:
        raise UsageError(f"tokens: {tokens} names a content; name the file that holds it: {stream.kind}:FILE")
    stream = by_name(stream)
    try:
        now = Path(stream.path).stat()
        state = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
    except (OSError, ValueError):  # reading says what is wrong
        state = ()
    source = _read(stream.kind, stream.left, os.fsencode(stream.path), state)
    check_content(stream, parse_tokens(source.stream).digest, f"{stream.kind} {source.name}")
    return source


@functools.lru_cache(maxsize=64)
def _read(kind: str, left: bool, path: bytes, _state: tuple[int, ...]) -> Source:
    """_state: of the file, so that it is read once as long as it stays as it is."""
    reader = Reader(kind, path)
    if kind == "ids":
        tally, tokens = None, sum(map(len, ids(reader)))
    else:
        tally = Tally()
        for found in segments(texts(reader)):
            tally.add(found)
        tokens = tally.tokens
    check_some(reader, tokens)
    told = TokenStream(kind, digest=reader.digest, left=left).canonical
    if tally is None:
        return Source(path, told, reader.size, tokens)
    return Source(path, told, reader.size, tokens, tally.different, tally.unspaced, tally.lines)


def drawing_bytes(tokens: str, vocab: int, source: Source | None) -> int:
    """What drawing the stream takes, besides what grows neither with the vocabulary nor with a file. source: of a
    stream that has one.
    """
    return source.bytes if source else 8 * DRAWN_ARRAYS.get(parse_tokens(tokens).kind, 0) * vocab


def check_some(reader: Reader, tokens: int) -> None:
    """Raises UsageError where there are none."""
    if not tokens:
        what = "ids" if reader.where.startswith("ids") else "words"
        raise UsageError(f"{reader.where}: no {what} in it; give a file with at least one")


def check_content(stream: TokenStream, digest: str, where: str) -> None:
    """Raises UsageError where the stream names another content."""
    if not digest.startswith(stream.digest):
        raise UsageError(
            f"{where}: its content is {digest[: len(stream.digest)]} and no longer {stream.digest}; restore the file, "
            f"or give it without the digest to measure it anew: --tokens {stream.kind}:FILE"
        )


def same_content(text: str, known: Collection[str]) -> list[str]:
    """Which of the `known` streams, as Cases of any version store them, a stream as a user writes it means. Raises
    UsageError where it is none, or its file cannot be read.
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
    except UsageError:  # somebody else's results may hold anything
        return False
    same = (stream.kind, stream.left) == (wanted.kind, wanted.left)
    return same and stream.digest != "" and wanted.digest.startswith(stream.digest)
