"""Drawing token streams: the id batches of a case, identical for every contender. NumPy only, loaded on use."""

import zlib
from dataclasses import dataclass
from importlib import resources

import numpy as np

from embbench.cases.case import Case
from embbench.cases.sources import Source
from embbench.cases.tokens import FILES, PADDED, PADDING, TokenStream, parse_tokens
from embbench.errors import UsageError

LEAST_TOKENS = 64  # tokens of a batch from which on a replaced row changes little
TAIL_SLOPE = -1.7  # log-log slope of word counts past the last counted word (field notes: "Token streams")


@dataclass(frozen=True)
class Tokens:
    """ids: (batches, batch, seq) int64 rows of the table. labels: (batches, ...) int64 classes, in the shape per batch
    that `Workload.label_shape` gives.
    """

    ids: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class TokenCounts:
    """unique: median over batches of U. share: U/N. multiplicity: most occurrences of one row in one batch."""

    unique: float
    share: float
    multiplicity: int


def draw_ids(case: Case, batches: int, source: Source | None = None) -> tuple[np.ndarray, np.random.Generator]:
    """(batches, batch, seq) int64 rows of the table, and the generator for drawing labels afterwards. The rows depend
    on the seed of the case and, for a stream with a file, on the content of the file.

    Raises UsageError where the file is missing, cannot be drawn from, or is not the file that the case was made for.
    """
    stream = parse_tokens(case.tokens)
    # without ':sorted', so that a sorted stream has the same batches as the unsorted stream
    name = stream.drawn.canonical if stream.ordered else case.tokens
    rng = np.random.default_rng([case.seed, 2, zlib.crc32(name.encode(errors="surrogateescape"))])
    shape = (batches, case.batch, case.seq)
    if stream.kind in FILES:
        ids = _of_file(stream, source, case, shape, rng)
    elif stream.kind == "uniform":
        ids = rng.integers(0, case.vocab, shape)
    elif stream.kind == "same":
        ids = np.broadcast_to(rng.integers(0, case.vocab, (batches, 1, 1)), shape).copy()
    else:
        ids = _ranked(stream, case.vocab, shape, rng)
    if stream.shuffled:
        ids = rng.permutation(case.vocab)[ids]
    ids = _with_tail(ids.astype(np.int64, copy=False), case.vocab, stream.kind == "same")
    if stream.ordered:
        ids = np.sort(ids.reshape(batches, -1), axis=1).reshape(shape)
    return ids, rng


def _with_tail(ids: np.ndarray, vocab: int, whole: bool) -> np.ndarray:
    """Puts one of the table's last rows into each batch, a different row per batch. Streams of words hardly ever draw
    these rows, and some wrong lookups are wrong only there: a lookup that is clamped, that wraps, or that goes through
    a 32-bit float, which holds no odd number above 2**24. The row replaces the last token, or the whole batch if
    `whole` (batches of a single row). In small batches one row would change the figures, so only the first batch gets
    it.
    """
    batches = len(ids) if whole or ids[0].size >= LEAST_TOKENS else 1
    tail = vocab - 1 - np.arange(batches) % vocab
    if whole:
        ids[:batches] = tail[:, None, None]
    else:
        ids[:batches, -1, -1] = tail
    return ids


def padding_share(tokens: str, ids: np.ndarray) -> float | None:
    """Share of padding in the lookups; None where the stream has no padding."""
    return float((ids == PADDING).mean()) if parse_tokens(tokens).kind in PADDED else None


def count_tokens(ids: np.ndarray) -> TokenCounts:
    """U, U/N and multiplicity of batches of ids, any shape (batches, ...)."""
    flat = ids.reshape(len(ids), -1)
    counts = [np.unique(batch, return_counts=True)[1] for batch in flat]
    unique = float(np.median([len(batch) for batch in counts]))
    return TokenCounts(unique, unique / flat.shape[1], max(int(batch.max()) for batch in counts))


def word_weights(vocab: int) -> np.ndarray:
    """Relative frequency of the `vocab` most frequent English words, most frequent first, (vocab,) float64.

    Counts: the 333,213 unigrams in the package `wordsegment` (from Norvig's "Natural Language Corpus Data"). Past them
    a power law continues with TAIL_SLOPE.
    """
    lines = (resources.files("wordsegment") / "unigrams.txt").read_text(encoding="utf-8").split("\n")
    counted = np.sort(np.array([float(line.split("\t")[1]) for line in lines if line]))[::-1]
    weights = counted[:vocab]
    if vocab > len(counted):
        ranks = np.arange(len(counted) + 1, vocab + 1) / len(counted)
        weights = np.concatenate([weights, counted[-1] * ranks**TAIL_SLOPE])
    return weights / weights.sum()


def _ranked(stream: TokenStream, vocab: int, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if stream.kind == "words":
        weights = word_weights(vocab)
    else:
        weights = np.arange(1, vocab + 1, dtype=np.float64) ** -stream.exponent
    steps = np.cumsum(weights)
    # Scaling the draw by the last sum keeps every id below vocab; dividing the sums was rejected, as it may not.
    return np.minimum(np.searchsorted(steps, rng.random(shape) * steps[-1], side="right"), vocab - 1)


def _of_file(
    stream: TokenStream, source: Source | None, case: Case, shape: tuple[int, ...], rng: np.random.Generator
) -> np.ndarray:
    from embbench.cases.drawing import draw_file

    if source is None:
        raise UsageError(f"tokens: {case.tokens}: nothing says which file holds it; name it: {stream.kind}:FILE")
    return draw_file(stream, source, case.vocab, shape, rng)
