"""Words of any script: where they are cut, and which are the same."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from embbench.cases.text_words import CHUNK, LONGEST, NEWLINES, Tally, is_token, key, segments

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def cut(*pieces: str) -> list[str]:
    return [each for found in segments(pieces) for each in found if each]


def tokens(*pieces: str) -> list[str]:
    return [each for each in cut(*pieces) if is_token(each)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat, the DOG.", ["the", "cat", "the", "dog"]),
        ("can't don’t", ["can't", "don’t"]),
        ("3,14 1.5 U.S.A", ["3,14", "1.5", "u.s.a"]),
        ("e-mail snake_case _ __", ["e", "mail", "snake_case"]),
        ("caf\u00e9 CAFE\u0301 Cafe\u0301", ["caf\u00e9"] * 3),
        ("Straße STRASSE", ["strasse"] * 2),
        ("ΣΟΦΟΣ σοφος", ["σοφοσ"] * 2),
        ("İstanbul istanbul ISTANBUL", ["i\u0307stanbul", "istanbul", "istanbul"]),
        ("한국어 단어 \u1112\u1161\u11ab", ["한국어", "단어", "한"]),
        ("किताब पढ़ना", ["किताब", unicodedata.normalize("NFC", "पढ़ना")]),
        ("שנה״ל مرحبا بالعالم", ["שנה״ל", "مرحبا", "بالعالم"]),
        (f"{FAMILY} ok \U0001f44d\U0001f3fd", [FAMILY, "ok", "\U0001f44d\U0001f3fd"]),
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", ["\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"]),
        ("… — !? \u0301 \u200d", []),
        ("日本", ["日", "本"]),
        ("", []),
    ],
)  # fmt: skip
def test_words(text, words):
    assert tokens(text) == words


@given(
    st.text(
        alphabet="aé1 .',:_\n\r\u0301\u0323\u200d\u00ad\U0001f468\U0001f1e9\u05d0\"中アทั가İß\u2019\u3000", max_size=60
    )
)
def test_nothing_is_lost_and_equivalent_texts_are_cut_alike(text):
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert cut(text) == cut(composed) == cut(apart)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
    assert "".join(cut(text)) == folded


@settings(deadline=None, max_examples=10)
@given(
    st.lists(
        st.sampled_from(
            ["the ", "can", "'", "t", "\n", "é", "e\u0301", "\U0001f1e9", "中", "ท", "3", ",", "a" * 50, "\u200d", " "]
        ),
        max_size=40,
    ),
    st.data(),
)
def test_pieces_make_no_difference(parts, data):
    """Of texts beyond the size from which on they are cut before they end."""
    text = "".join(parts) * (CHUNK // 50)
    text = text[: 2 * CHUNK]
    size = data.draw(st.integers(CHUNK // 7, CHUNK // 3))
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    whole = [word for word in tokens(text) if len(word) < 1000]
    assert [word for word in tokens(*pieces) if len(word) < 1000] == whole


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("aα。-\u0345\u0301\u0327、1ᾳ!"), min_size=1, max_size=6), st.integers(1, 60))
@example(["α", "。", "\u0345", "x", "\u0301"], 49)
@example(["。", "\u0345", "x", "a", "、", "a"], 20)
def test_a_mark_that_is_folded_to_a_letter_makes_no_difference_in_pieces(parts, size):
    text = ("".join(parts) * 120)[:120]
    whole = tokens(text)
    with pytest.MonkeyPatch.context() as patch:
        # parts from 40 characters on, as far as there is a boundary
        patch.setattr("embbench.cases.text_words.CHUNK", 160)
        assert tokens(*(text[start : start + size] for start in range(0, len(text), size))) == whole


def test_a_word_without_end_is_cut():
    found = tokens(*["a" * 10_000] * 100)
    assert sum(map(len, found)) == 1_000_000
    assert max(map(len, found)) <= CHUNK + 10_000


@pytest.mark.parametrize(
    "wall", ["\U0001f1e9", "\U0001f1e9\u0301", "\u0301\u0323", "\U0001f468\u200d", "a.", "ท", " ", "\n", "\u00ad"]
)
def test_no_wall_takes_the_square_of_its_length(wall):
    """With the square of it, a wall of flags takes minutes; this takes a tenth of a second."""
    assert sum(map(len, cut("x " + wall * 20_000))) > 0


def test_long_words_are_told_by_their_digest():
    long = "a" * (LONGEST + 1)
    assert key("a" * LONGEST) == "a" * LONGEST
    assert isinstance(key(long), bytes)
    assert key(long) != key(long + "a")


def test_a_tally():
    tally = Tally()
    for found in segments(["the cat the dog\n日本 ไทย\r\nカタカナ\n"]):
        tally.add(found)
    assert (tally.tokens, tally.unspaced, tally.lines) == (4 + 2 + 3 + 1, 6, 3)
    assert 9 <= tally.different <= 10


@pytest.mark.parametrize("script", ["ພາສາລາວ", "ភាសាខ្មែរ", "မြန်မာ", "ภาษาไทย", "中文", "ひらがな", "བོད་ཡིག"])
def test_scripts_without_spaces_are_told(script):
    tally = Tally()
    for found in segments([script]):
        tally.add(found)
    assert tally.unspaced == tally.tokens > 0


@pytest.mark.parametrize(
    "script", ["Ελληνικά", "Русский", "עברית", "العربية", "हिन्दी", "தமிழ்", "한국어", "Հայերեն", "አማርኛ"]
)
def test_scripts_with_spaces_are_cut_into_words(script):
    tally = Tally()
    for found in segments([f"{script} {script}"]):
        tally.add(found)
    assert (tally.tokens, tally.unspaced) == (2, 0)


@pytest.mark.parametrize("many", [1000, 50_000])
def test_different_words_are_estimated_from_above(many):
    tally = Tally()
    for start in range(0, many, 1000):
        tally.add([f"w{number}" for number in range(start, start + 1000)] * 2)
        assert len(tally) <= tally.KNOWN + 1000
    assert tally.tokens == 2 * many
    assert many <= tally.different * 1.001
    assert tally.different <= 1.05 * many + 10


def test_line_ends_are_no_tokens():
    assert not any(map(is_token, NEWLINES))
