"""Token streams: their distributions, their seeds, and a user's own text."""

import itertools
import tracemalloc

import numpy as np
import pytest

from embbench.errors import UsageError
from embbench.spec.case import make_case
from embbench.spec.streams import count_tokens, draw_tokens, word_weights
from embbench.spec.tokens import drawing_bytes, parse_tokens, with_digest


def draw(tokens, batches=64, **axes):
    return draw_tokens(make_case({"vocab": 1000, "batch": 8, "seq": 16, "tokens": tokens, **axes}), batches)


@pytest.mark.parametrize("tokens", ["words", "words:shuffled", "uniform", "zipf:0.5", "zipf:1.7", "same"])
def test_ids_are_rows_and_batches_differ(tokens):
    drawn = draw(tokens)
    assert drawn.ids.shape == (64, 8, 16)
    assert drawn.ids.dtype == drawn.labels.dtype == np.int64
    assert 0 <= drawn.ids.min() <= drawn.ids.max() < 1000
    assert len({batch.tobytes() for batch in drawn.ids}) >= 60


def test_one_seed_one_stream():
    np.testing.assert_array_equal(draw("words").ids, draw("words").ids)
    assert (draw("words", seed=1).ids != draw("words").ids).any()


@pytest.mark.parametrize(("rows", "share"), [(100, 0.336), (1000, 0.600), (10_000, 0.89)])
def test_word_weights_are_those_of_english_text(rows, share):
    """Shares as the field notes give them, "Token streams"."""
    assert word_weights(2_000_000)[:rows].sum() == pytest.approx(share, abs=0.015)


def test_word_weights_fall_and_sum_to_one_and_continue_past_the_counted_words():
    weights = word_weights(1_000_000)
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights) <= 0).all()
    tail = np.log(weights[900_000] / weights[400_000]) / np.log(900_001 / 400_001)
    assert tail == pytest.approx(-1.7, abs=0.01)


def test_shuffled_words_have_the_same_multiplicities_and_other_ids():
    ranked, shuffled = draw("words"), draw("words:shuffled")
    assert count_tokens(ranked.ids).share == pytest.approx(count_tokens(shuffled.ids).share, abs=0.05)
    assert np.median(shuffled.ids) > 3 * np.median(ranked.ids)


def test_zipf_has_its_slope():
    ids = draw("zipf:1.5", batches=500).ids
    first, eighth = (ids == 0).sum(), (ids == 7).sum()
    assert np.log(first / eighth) / np.log(8) == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("tokens", ["words", "words:shuffled", "uniform", "zipf:1.7"])
def test_each_batch_has_one_of_the_last_rows(tokens):
    ids = draw(tokens, vocab=20_000_000 if tokens == "uniform" else 1000).ids
    rows = 20_000_000 if tokens == "uniform" else 1000
    assert ids[:, -1, -1].tolist() == [rows - 1 - batch for batch in range(64)]
    few = draw(tokens, batch=2, seq=16, vocab=rows).ids[:, -1, -1]
    assert few[0] == rows - 1
    assert few[1:].tolist() != [rows - 1 - batch for batch in range(1, 64)]


def test_a_batch_of_one_row_stays_one_and_a_small_table_begins_anew():
    assert [set(batch.ravel()) for batch in draw("same", vocab=10).ids[:12]] == [
        {9 - batch % 10} for batch in range(12)
    ]


def test_ids_narrowed_to_32_bits_of_float_are_others_in_a_large_table():
    """Above 2**24 every other number is none of a 32-bit float; the first batch, which the audit steps, has one."""
    ids = draw("uniform", vocab=2**24 + 1000).ids
    assert ids[0, -1, -1].astype(np.float32) != ids[0, -1, -1]


def test_counts_of_the_extremes():
    assert count_tokens(draw("same").ids) == count_tokens(np.zeros((3, 8, 16), dtype=int))
    every = count_tokens(np.arange(256).reshape(2, 128))
    assert (every.unique, every.share, every.multiplicity) == (128, 1.0, 1)


def test_a_corpus_is_ranked_and_keeps_its_order(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the cat and the dog and the bird", encoding="utf-8")
    ids = draw(f"corpus:{text}", batch=1, seq=9).ids[:, :, :-1]  # the last one is of the tail
    the, and_ = 0, 1
    assert set(np.unique(ids)) == {0, 1, 2, 3, 4}
    for line in ids[:, 0]:
        follows = {word for word, following in itertools.pairwise(line) if following == and_}
        assert the not in follows


def test_words_past_the_vocabulary_share_the_last_row(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text(" ".join(f"w{number}" for number in range(50)), encoding="utf-8")
    assert draw(f"corpus:{text}", vocab=10).ids.max() == 9


@pytest.mark.parametrize(("content", "told"), [(None, "No such file"), (b"", "no words"), (b"caf\xe9", "not UTF-8")])
def test_a_bad_corpus_is_one_line(tmp_path, content, told):
    text = tmp_path / "text.txt"
    if content is not None:
        text.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        draw(f"corpus:{text}")


def test_a_corpus_is_told_by_its_content(tmp_path):
    text = tmp_path / "a#b.txt"
    text.write_text("the cat", encoding="utf-8")
    told = with_digest(f"corpus:{text}")
    assert told == f"corpus:{text}#70a48cc5"
    assert with_digest(told) == told == parse_tokens(told).canonical
    assert draw(told).ids[:, :, :-1].max() == 1
    text.write_text("the dog", encoding="utf-8")
    with pytest.raises(UsageError, match=r"a#b\.txt: its content is [0-9a-f]{8} and no longer 70a48cc5"):
        draw(told)
    assert with_digest(f"corpus:{text}") != told
    assert with_digest("words:ranked") == "words"


@pytest.mark.parametrize("text", ["b.txt", "dir/b"])
def test_a_name_torn_apart_at_its_comma_says_so(text):
    with pytest.raises(UsageError, match="name of a corpus file can have none"):
        parse_tokens(text)


@pytest.mark.parametrize("tokens", ["words", "words:shuffled", "zipf:1.1", "uniform"])
def test_drawing_takes_what_it_is_said_to(tokens):
    vocab = 8_000_000
    tracemalloc.start()
    draw(tokens, vocab=vocab)
    arrays = tracemalloc.get_traced_memory()[1] / vocab / 8
    tracemalloc.stop()
    assert arrays == pytest.approx(drawing_bytes(tokens, vocab) / vocab / 8, abs=0.5)


@pytest.mark.parametrize(
    "text", ["zipf", "zipf:0", "zipf:-1", "zipf:nan", "zipf:inf", "words:x", "same:3", "corpus:", ""]
)
def test_bad_streams_are_named(text):
    with pytest.raises(UsageError, match="tokens: "):
        parse_tokens(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("words:ranked", "words"), ("zipf:1.0", "zipf:1"), ("zipf:1.0000001", "zipf:1.0000001"), ("same", "same")],
)
def test_one_spelling(text, canonical):
    assert parse_tokens(text).canonical == canonical
