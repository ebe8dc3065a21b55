"""Draws batches of rows from a file of text or ids. NumPy only, loaded on use."""

import math
from array import array
from dataclasses import dataclass

import numpy as np

from embbench.cases.labelled_texts import Labels
from embbench.cases.sources import Reader, Source, check_content, check_some, ids, texts
from embbench.cases.text_words import NEWLINES, is_token, key, segments
from embbench.cases.tokens import LABELLED, PADDED, PADDING, TokenStream
from embbench.errors import UsageError

COUNTED = 1 << 22  # words per count: NumPy converts them to numbers twice as large
SHORT = 4  # characters; longer segments that are not tokens are not remembered
_NOTHING, _LINE = -1, -2


@dataclass(frozen=True)
class _Read:
    """words: (tokens,) int32 numbers of words, in the order of their first appearance. ranks: (words,) int64, number ->
    rank by frequency. bounds: (texts + 1,) int64 places in `words` where texts begin, and the end of the last text.
    labels: (texts,) int8; empty without labels.
    """

    words: np.ndarray
    ranks: np.ndarray
    bounds: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class LabelledTexts:
    """The labelled texts of a file. names: of the labels. labels: (M,) places in `names`."""

    names: tuple[str, ...]
    labels: np.ndarray
    _read: _Read

    def rows(self, which: np.ndarray, vocab: int, length: int) -> np.ndarray:
        """(*which.shape, length): rows of the table for the texts with numbers `which`. Raises UsageError for a table
        of one row.
        """
        return _padded(self._read, True, vocab, which, length)


def draw_file(
    stream: TokenStream, source: Source, vocab: int, shape: tuple[int, ...], rng: np.random.Generator
) -> np.ndarray:
    """(batches, batch, seq) rows. They depend on the content of the file, and not on its path. Raises UsageError where
    the file is not the file that the stream was made for.
    """
    reader = Reader(stream.kind, source.path)
    if stream.kind == "ids":
        rows = _read_ids(reader, stream, vocab)
        return rows[_places(len(rows), shape, rng)]
    read, _ = _read_words(reader, stream)
    if stream.kind == "corpus":
        return np.minimum(_ranked(read, _places(len(read.words), shape, rng)), vocab - 1)
    drawn = rng.integers(0, len(read.bounds) - 1, shape[:2])
    return _padded(read, stream.left or stream.kind == LABELLED, vocab, drawn, shape[2])


def read_labelled(stream: TokenStream, source: Source) -> LabelledTexts:
    """The texts of a stream of kind `labelled` that have words. Raises as `draw_file`."""
    read, names = _read_words(Reader(stream.kind, source.path), stream)
    return LabelledTexts(names, read.labels, read)


class _Numbers(dict[str | bytes, int]):
    """Segment -> number of its word, in the order of first appearance."""

    def __init__(self) -> None:
        super().__init__()
        self.words = 0

    def __missing__(self, segment: str) -> int:
        if segment in NEWLINES:
            number = _LINE
        elif not is_token(segment):
            number = _NOTHING
            if len(segment) > SHORT:
                return number
        else:
            known = key(segment)
            number = self.get(known, self.words)
            self.words += number == self.words
            self[known] = number
            return number
        self[segment] = number
        return number


def _read_words(reader: Reader, stream: TokenStream) -> tuple[_Read, tuple[str, ...]]:
    """The texts, and the names of their labels."""
    numbers, words, ends, labels = _Numbers(), array("i"), array("q"), Labels()
    pieces = labels.read(texts(reader), reader.refused) if stream.kind == LABELLED else texts(reader)
    for found in segments(pieces):
        piece = np.fromiter(map(numbers.__getitem__, found), np.int32, len(found))
        if stream.kind in PADDED:
            piece = piece[piece != _NOTHING]
            at = np.flatnonzero(piece == _LINE)
            ends.frombytes((len(words) + at - np.arange(len(at))).tobytes())
        words.frombytes(piece[piece >= 0].tobytes())
    _check(reader, stream, len(words))
    different = numbers.words
    del numbers  # frees most of the memory
    running = np.frombuffer(words, np.int32)
    bounds = np.concatenate([[0], np.frombuffer(ends, np.int64), [len(words)]])
    have_words = np.diff(bounds[: len(labels.numbers) + 1]) > 0
    labelled = np.frombuffer(labels.numbers, np.int8)[have_words]
    return _Read(running, _ranks(running, different), np.unique(bounds), labelled), tuple(labels.names)


def _ranks(words: np.ndarray, different: int) -> np.ndarray:
    """Number -> rank, from the most frequent word on; of equally frequent words, the earlier word comes first."""
    counts = np.zeros(different, dtype=np.int64)
    for start in range(0, len(words), COUNTED):
        counts += np.bincount(words[start : start + COUNTED], minlength=different)
    ranks = np.empty(different, dtype=np.int64)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(different)
    return ranks


def _read_ids(reader: Reader, stream: TokenStream, vocab: int) -> np.ndarray:
    """(tokens,) int64 rows."""
    rows = array("q")
    for found in ids(reader):
        rows.extend(found)
    _check(reader, stream, len(rows))
    running = np.frombuffer(rows, np.int64)
    return np.minimum(running, vocab - 1, out=running)


def _check(reader: Reader, stream: TokenStream, tokens: int) -> None:
    check_content(stream, reader.digest, reader.where)
    check_some(reader, tokens)


def _ranked(read: _Read, places: np.ndarray) -> np.ndarray:
    return read.ranks[read.words[places]]


def _places(length: int, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Each text begins at a random place of the running text, which continues at its beginning after its end."""
    starts = rng.integers(0, length, math.prod(shape[:2]))
    return ((starts[:, None] + np.arange(shape[2])) % length).reshape(shape)


def _padded(read: _Read, left: bool, vocab: int, which: np.ndarray, length: int) -> np.ndarray:
    """(*which.shape, length): the rows of the words of the texts, and PADDING where a text has no word."""
    if vocab < 2:
        raise UsageError("tokens: texts need a table of 2 rows or more: row 0 is the padding")
    begin, end = (read.bounds[which + side][..., None] for side in (0, 1))
    columns = np.arange(length)
    places = end - length + columns if left else begin + columns
    held = (begin <= places) & (places < end)
    return np.where(held, np.minimum(1 + _ranked(read, np.where(held, places, begin)), vocab - 1), PADDING)
