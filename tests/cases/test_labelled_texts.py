"""Labelled texts of a file: read as labels and rows, and refused with the line that is wrong."""

import numpy as np
import pytest

from embbench.cases.drawing import draw_file, read_labelled
from embbench.cases.labelled_texts import LEAST_TEXTS, Labels
from embbench.cases.sources import find_source
from embbench.cases.tokens import parse_tokens
from embbench.errors import UsageError

GOOD = "good\tthe cat\n" * LEAST_TEXTS
BAD = "bad\tthe old dog\n" * LEAST_TEXTS


@pytest.fixture
def read(tmp_path):
    def make(content):
        path = tmp_path / "texts.tsv"
        path.write_text(content, encoding="utf-8")
        source = find_source(f"labelled:{path}")
        return read_labelled(parse_tokens(source.stream), source), source

    return make


def test_texts_keep_their_labels_and_are_padded_in_front(read):
    texts, source = read(GOOD + BAD)
    assert texts.names == ("good", "bad")
    assert list(texts.labels) == [0] * LEAST_TEXTS + [1] * LEAST_TEXTS
    the, cat, old, dog = 1, 2, 3, 4  # by frequency, then by place; row 0 is the padding
    assert texts.rows(np.array([0, LEAST_TEXTS]), 100, 4).tolist() == [[0, 0, the, cat], [0, the, old, dog]]
    assert texts.rows(np.array([LEAST_TEXTS]), 100, 2).tolist() == [[old, dog]]
    assert (source.tokens, source.lines) == (5 * LEAST_TEXTS, 2 * LEAST_TEXTS)


def test_texts_without_words_and_blank_lines_take_no_other_texts_label(read):
    texts, _ = read("bad\t...\n\n" + GOOD + "bad\t\n" + BAD)
    assert texts.names == ("bad", "good")
    assert list(texts.labels) == [1] * LEAST_TEXTS + [0] * LEAST_TEXTS
    assert texts.rows(np.array([0, -2 % 20]), 100, 3).tolist() == [[0, 1, 2], [1, 3, 4]]


def test_what_looks_like_the_end_of_a_line_within_a_text_is_a_space(read):
    texts, _ = read("one\ta\u2028b\x85c\r\n" * LEAST_TEXTS + "two\tc\n" * LEAST_TEXTS)
    assert len(texts.labels) == 2 * LEAST_TEXTS
    assert texts.rows(np.array([0]), 100, 3).tolist() == [[2, 3, 1]]


def test_labels_are_read_across_pieces():
    whole = (GOOD + BAD).rstrip("\n")
    for size in (1, 7, 1000):
        labels = Labels()
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert "".join(labels.read(pieces, ValueError)) == "the cat\n" * LEAST_TEXTS + "the old dog\n" * LEAST_TEXTS
        assert list(labels.numbers) == [0] * LEAST_TEXTS + [1] * LEAST_TEXTS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD + "no tab here\n", "line 11 is no label, tab and text: 'no tab here'"),
        (GOOD + "\n \tno label\n", "line 12 is no label, tab and text"),
        ("label\ttext\n" + GOOD, "the label 'label' has 1 text of the 10 that a label needs; if it is a heading"),
        ("".join(f"{at}\tx\n" for at in range(9)), "line 9: '8' is the label number 9, and the network has 8 classes"),
        ("", "the file has no words"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(read, content, message):
    with pytest.raises(UsageError, match=message):
        read(content)


def test_the_timed_batches_are_texts_of_the_file(read):
    texts, source = read(GOOD + BAD)
    stream, rng = parse_tokens(source.stream), np.random.default_rng(0)
    drawn = draw_file(stream, source, 100, (4, 8, 5), rng).reshape(-1, 5)
    assert {tuple(each) for each in drawn} == {tuple(each) for each in texts.rows(np.arange(20), 100, 5)}
