"""Token streams: their grammar, their distributions and their seeds."""

import tracemalloc

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.sources import drawing_bytes
from embbench.cases.streams import count_tokens, word_weights
from embbench.cases.tokens import parse_tokens
from embbench.errors import UsageError
from embbench.workloads import draw_tokens

SUMS = {"words": 68275, "words:shuffled": 181110, "uniform": 175874, "zipf:1.1": 31849}


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


def test_the_streams_of_older_versions_are_drawn_as_they_were():
    """Sums over the ids of three batches but their last tokens: results of other versions stand beside these."""
    told = {tokens: int(draw(tokens, batches=3).ids[..., :-1].sum()) for tokens in SUMS}
    assert told == SUMS


@pytest.mark.parametrize("text", ["b.txt", "dir/b"])
def test_a_name_torn_apart_at_its_comma_says_so(text):
    with pytest.raises(UsageError, match="a file name cannot have commas"):
        parse_tokens(text)


@pytest.mark.parametrize("tokens", ["words", "words:shuffled", "zipf:1.1", "uniform"])
def test_drawing_takes_what_it_is_said_to(tokens):
    vocab = 8_000_000
    tracemalloc.start()
    draw(tokens, vocab=vocab)
    arrays = tracemalloc.get_traced_memory()[1] / vocab / 8
    tracemalloc.stop()
    assert arrays == pytest.approx(drawing_bytes(tokens, vocab, None) / vocab / 8, abs=0.5)


@pytest.mark.parametrize(
    "text",
    [
        "zipf",
        "zipf:0",
        "zipf:-1",
        "zipf:nan",
        "zipf:inf",
        "words:x",
        "same:3",
        "corpus:",
        "texts",
        "texts:left:",
        "ids:",
        "",
    ],
)
def test_bad_streams_are_named(text):
    with pytest.raises(UsageError, match="tokens: "):
        parse_tokens(text)


def test_a_fraction_with_a_comma_is_told_how_to_be_written():
    with pytest.raises(UsageError, match=r"'1'.*; a comma separates values: write a fraction as in zipf:1\.1"):
        parse_tokens("1")  # of zipf:1,1


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("words:ranked", "words"),
        ("zipf:1.0", "zipf:1"),
        ("zipf:1.0000001", "zipf:1.0000001"),
        ("same", "same"),
        ("corpus:a b.txt", "corpus:a b.txt"),
        ("corpus:a.txt#1a2b3c4d", "corpus:a.txt#1a2b3c4d"),
        ("texts:left:a.txt", "texts:left:a.txt"),
        ("texts:left#0123456789abcdef", "texts:left#0123456789abcdef"),
        ("ids#0123456789abcdef", "ids#0123456789abcdef"),
    ],
)
def test_one_spelling(text, canonical):
    assert parse_tokens(text).canonical == canonical
    assert parse_tokens(canonical) == parse_tokens(text)


@pytest.mark.parametrize("name", ["a#b.txt", "#0123456789abcdef", "left:a", "a:b", "-"])
def test_a_file_of_a_strange_name_is_a_file(name):
    assert parse_tokens(f"corpus:{name}").path == name


def test_a_stream_of_a_file_needs_one():
    with pytest.raises(UsageError, match="nothing says which file"):
        draw("corpus#0123456789abcdef")


class TestInOrder:
    @pytest.mark.parametrize("tokens", ["words", "words:shuffled", "uniform", "zipf:1.1"])
    def test_the_same_batches_with_ids_that_ascend(self, tokens):
        plain, ordered = draw(tokens), draw(f"{tokens}:sorted")
        flat = ordered.ids.reshape(64, -1)
        assert (np.diff(flat) >= 0).all()
        np.testing.assert_array_equal(flat, np.sort(plain.ids.reshape(64, -1)))
        np.testing.assert_array_equal(ordered.labels, plain.labels)
        assert ordered.ids.shape == plain.ids.shape

    def test_it_is_a_case_of_its_own(self):
        assert make_case({"tokens": "zipf:1.10:sorted"}).tokens == "zipf:1.1:sorted"
        assert make_case({"tokens": "words:ranked:sorted"}).tokens == "words:sorted"

    @pytest.mark.parametrize("tokens", ["same:sorted", "words:sorted:sorted", "corpus:sorted:sorted:x", "zipf:sorted"])
    def test_what_has_no_order_to_put(self, tokens):
        if tokens.startswith("corpus"):
            assert not parse_tokens(tokens).ordered
        elif tokens == "words:sorted:sorted":
            assert parse_tokens(tokens).canonical == "words:sorted"
        else:
            with pytest.raises(UsageError):
                parse_tokens(tokens)
