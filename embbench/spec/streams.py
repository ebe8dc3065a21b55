"""Drawing token streams: the id batches of a case, identical for every contender. NumPy only, loaded on use."""

import math
import zlib
from dataclasses import dataclass
from importlib import resources

import numpy as np

from embbench.spec.case import Case
from embbench.spec.tokens import TokenStream, parse_tokens, read_words
from embbench.spec.workload import CLASSES

LEAST_TOKENS = 64  # of a batch in which one more row changes little
TAIL_SLOPE = -1.7  # log-log slope of word counts past the last counted word (field notes: "Token streams")


@dataclass(frozen=True)
class Tokens:
    """ids: (batches, batch, seq) int64 rows of the table. labels: (batches, batch) int64 classes."""

    ids: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class TokenCounts:
    """unique: median over batches of U. share: U/N. multiplicity: most occurrences of one row in one batch."""

    unique: float
    share: float
    multiplicity: int


def draw_tokens(case: Case, batches: int) -> Tokens:
    """`batches` id batches with labels, from the seed of the case alone.

    Raises UsageError where a corpus file is missing, empty, not UTF-8, or not the one that the case was made for.
    """
    stream = parse_tokens(case.tokens)
    rng = np.random.default_rng([case.seed, 2, zlib.crc32(case.tokens.encode())])
    shape = (batches, case.batch, case.seq)
    if stream.kind == "corpus":
        ids = _corpus(stream, case.vocab, shape, rng)
    elif stream.kind == "uniform":
        ids = rng.integers(0, case.vocab, shape)
    elif stream.kind == "same":
        ids = np.broadcast_to(rng.integers(0, case.vocab, (batches, 1, 1)), shape).copy()
    else:
        ids = _ranked(stream, case.vocab, shape, rng)
    if stream.shuffled:
        ids = rng.permutation(case.vocab)[ids]
    ids = _with_tail(ids.astype(np.int64, copy=False), case.vocab, stream.kind == "same")
    return Tokens(ids, rng.integers(0, CLASSES, shape[:2]))


def _with_tail(ids: np.ndarray, vocab: int, whole: bool) -> np.ndarray:
    """Batches with one of the table's last rows each, another one in each batch: streams of words hardly ever draw
    these, and a lookup that is clamped, wraps, or goes through a 32-bit float, which holds no odd number above 2**24,
    is wrong there alone. It takes the place of the last token, or of `whole` batches that are one row; of batches of
    few tokens, whose figures one would change, only of the first.
    """
    batches = len(ids) if whole or ids[0].size >= LEAST_TOKENS else 1
    tail = vocab - 1 - np.arange(batches) % vocab
    if whole:
        ids[:batches] = tail[:, None, None]
    else:
        ids[:batches, -1, -1] = tail
    return ids


def count_tokens(ids: np.ndarray) -> TokenCounts:
    """U, U/N and multiplicity of batches of ids, any shape (batches, ...)."""
    flat = ids.reshape(len(ids), -1)
    counts = [np.unique(batch, return_counts=True)[1] for batch in flat]
    unique = float(np.median([len(batch) for batch in counts]))
    return TokenCounts(unique, unique / flat.shape[1], max(int(batch.max()) for batch in counts))


def word_weights(vocab: int) -> np.ndarray:
    """Relative frequency of the `vocab` most frequent English words, most frequent first, (vocab,) float64.

    Counts: the 333,213 unigrams that the package `wordsegment` ships (from Norvig's "Natural Language Corpus
    Data"); past them a power law continues with TAIL_SLOPE.
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
    # Scaling the draw by the last sum instead of dividing the sums keeps every id below vocab.
    return np.minimum(np.searchsorted(steps, rng.random(shape) * steps[-1], side="right"), vocab - 1)


def _corpus(stream: TokenStream, vocab: int, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    words = read_words(stream)
    _, first, inverse, counts = np.unique(words, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(counts))
    text = np.minimum(rank[inverse], vocab - 1)  # the last row stands for all words beyond the vocabulary
    starts = rng.integers(0, len(text), math.prod(shape[:2]))
    places = (starts[:, None] + np.arange(shape[2])) % len(text)
    return text[places].reshape(shape)
