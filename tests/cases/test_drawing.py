"""Batches out of files: ranks, order, padding, and what it takes to draw them."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.drawing import draw_file
from embbench.cases.sources import find_source
from embbench.cases.streams import count_tokens, padding_share
from embbench.cases.tokens import parse_tokens
from embbench.errors import UsageError
from embbench.workloads import draw_tokens


def draw(kind, path, batches=64, **axes):
    source = find_source(f"{kind}:{path}")
    case = make_case({"vocab": 1000, "batch": 8, "seq": 16, "tokens": source.stream, **axes})
    return draw_tokens(case, batches, source).ids


def of_file(kind, path, batches=64, batch=8, seq=16):
    """The same as it is drawn from the file, without the table's last rows that `draw_tokens` puts in."""
    source = find_source(f"{kind}:{path}")
    return draw_file(parse_tokens(source.stream), source, 1000, (batches, batch, seq), np.random.default_rng(0))


@pytest.fixture
def text(tmp_path):
    def make(content, name="text.txt"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return make


def test_a_corpus_is_ranked_and_keeps_its_order(text):
    ids = of_file("corpus", text("the cat AND the dog and the bird"), batches=1, seq=8)
    the, and_ = 0, 1
    assert set(np.unique(ids)) == {0, 1, 2, 3, 4}
    for line in ids[0]:
        follows = {word for word, following in itertools.pairwise(line) if following == and_}
        assert the not in follows


def test_of_equally_frequent_words_the_earlier_one_comes_first(text):
    ids = of_file("corpus", text("b a c c"), batches=8, seq=4)
    (line,) = {tuple(line) for line in ids.reshape(-1, 4) if line[0] == 1}
    assert line == (1, 2, 0, 0)


def test_words_past_the_vocabulary_share_the_last_row(text):
    path = text(" ".join(f"w{number}" for number in range(50)))
    assert draw("corpus", path, vocab=10).max() == 9
    assert draw("texts", path, vocab=10, seq=60).max() == 9
    assert draw("ids", text("3 5000 999 7", "ids.txt"), vocab=10, seq=4).max() == 9


@pytest.mark.parametrize("kind", ["corpus", "texts", "texts:left"])
def test_the_same_content_gives_the_same_batches(text, tmp_path, kind):
    content = "one two three\nfour five\nsix seven eight nine\n"
    (tmp_path / "deep").mkdir()
    paths = [text(content), text(content, "deep/other"), tmp_path / "deep" / ".." / "text.txt"]
    first, *others = (draw(kind, path) for path in paths)
    for other in others:
        np.testing.assert_array_equal(first, other)
    assert (draw(kind, paths[0], seed=1) != first).any()


def test_both_spellings_of_a_letter_are_one_word(text):
    ids = of_file("corpus", text("caf\u00e9 CAFE\u0301 caf\u00e9 " * 10), batches=4)
    assert set(np.unique(ids)) == {0}


def test_texts_are_padded_behind_and_cut_behind(text):
    """Ranks: a 0, b 1, c 2, d 3, e 4; words stand one row further, after the padding."""
    ids = of_file("texts", text("a a a a b b b c c d\n\na\r\na b c d e e\n"), batches=64, seq=4)
    assert {tuple(line) for line in ids.reshape(-1, 4)} == {(1, 1, 1, 1), (1, 0, 0, 0), (1, 2, 3, 4)}


def test_texts_are_padded_in_front_and_cut_in_front(text):
    ids = of_file("texts:left", text("a a a a b b b c c d\n\na\r\na b c d e e\n"), batches=64, seq=4)
    assert {tuple(line) for line in ids.reshape(-1, 4)} == {(2, 3, 3, 4), (0, 0, 0, 1), (3, 4, 5, 5)}


@pytest.mark.parametrize("kind", ["texts", "texts:left"])
def test_the_padding_is_known_and_most_holds_it(text, kind):
    words = np.random.default_rng(0).integers(0, 300, (50, 30))
    lines = [" ".join(f"w{word}" for word in row[: 1 + number % 30]) for number, row in enumerate(words)]
    ids = draw(kind, text("\n".join(lines)), seq=40)
    share = padding_share(kind + "#0123456789abcdef", ids)
    assert share == pytest.approx((ids == 0).mean())
    assert 0.4 < share < 0.8
    assert count_tokens(ids).multiplicity >= share * 8 * 40
    assert padding_share("corpus#0123456789abcdef", ids) is None


def test_texts_need_a_row_beside_the_padding(text):
    with pytest.raises(UsageError, match="2 rows or more"):
        draw("texts", text("a b"), vocab=1)
    assert set(np.unique(draw("texts", text("a b"), vocab=2))) == {0, 1}


def test_running_ids_are_those_of_the_file(text):
    ids = of_file("ids", text("7 8\n9\t10 \r\n"), batches=2, seq=4)
    assert {tuple(line) for line in ids.reshape(-1, 4)} <= {
        (7, 8, 9, 10), (8, 9, 10, 7), (9, 10, 7, 8), (10, 7, 8, 9)
    }  # fmt: skip


def test_a_file_that_changed_since_is_refused(text):
    path = text("the cat")
    source = find_source(f"corpus:{path}")
    case = make_case({"tokens": source.stream})
    path.write_text("the dog", encoding="utf-8")
    with pytest.raises(UsageError, match="no longer"):
        draw_tokens(case, 1, source)
    path.unlink()
    with pytest.raises(UsageError, match="No such file"):
        draw_tokens(case, 1, source)


@pytest.mark.parametrize("kind", ["corpus", "texts", "ids"])
def test_drawing_takes_what_it_is_said_to(tmp_path, kind):
    """The worst that a text can do: no word comes twice."""
    path = tmp_path / "text.txt"
    path.write_text("".join(f"{number}{' ' if number % 9 else chr(10)}" for number in range(300_000)))
    code = (
        "import sys, numpy, regex; from embbench.host.memory import *; from embbench.cases.case import Case;"
        "from embbench.cases.sources import find_source; from embbench.workloads import draw_tokens;"
        "source = find_source(sys.argv[1]); release_free(); reset_peak(); before = resident_bytes();"
        "draw_tokens(Case(tokens=source.stream), 64, source);"
        "print([peak_bytes() - before, source.bytes])"
    )
    told = subprocess.run([sys.executable, "-c", code, f"{kind}:{path}"], capture_output=True, text=True, check=True)
    taken, said = json.loads(told.stdout)
    assert taken < said < 4 * taken + 30e6
