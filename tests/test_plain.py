"""The door for text from outside: whatever comes in, what comes out is a plain line."""

import os
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embbench.plain import is_part_of_path, one_line, shell_line, without_middle

# Any code point, surrogates too, and often those by which a line is broken, coloured, turned or hidden.
HOSTILE = st.sampled_from("\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\x9c\x9d\u00ad\u200b\u200d\u200e\u2028\u2029\u202e\u2066")
HOSTILE |= st.sampled_from(
    ["\x1b[31m", "\x1b]8;;http://x\x07", "\x1b]0;t\x1b\\", "\x9b2J", "\ufeff", "\u3164", "\u0301"]
)
ANYTHING = st.lists(st.text() | HOSTILE | st.characters(categories=["Cs", "Cf", "Cc"])).map("".join)


@settings(max_examples=500)
@given(ANYTHING)
def test_what_comes_out_is_one_plain_line(text):
    told = one_line(text)
    told.encode()  # no surrogate
    assert len(told.splitlines()) <= 1
    assert told == told.strip()
    assert one_line(told) == told
    for letter in told:
        assert letter.isprintable() or letter in "\u200c\u200d"
        assert unicodedata.bidirectional(letter) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, categories=["L", "N", "P", "S"])))
def test_ordinary_text_stays(text):
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\nb\tc", "a b c"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("\x1b]0;no end", "0;no end"),
        ("\x1b(Bx\x1bcy", "xy"),
        ("half\x1b", "half"),
        ("caf\udce9.txt", "caf\\xe9.txt"),
        ("\ud800", "\\ud800"),
        ("a\u202egpj.exe", "a gpj.exe"),
        ("ad\u200bmin \ufeffx", "admin x"),
        ("a\u3164b", "a b"),
        ("\u0301x", "\u25cc\u0301x"),
        ("e" + 50 * "\u0301", "e" + 8 * "\u0301"),
        ("e\u0301té ✓ × 中文 עברית", "e\u0301té ✓ × 中文 עברית"),
        ("\U0001f469\u200d\U0001f467 می\u200cخواهم", "\U0001f469\u200d\U0001f467 می\u200cخواهم"),
        ("a\u200db", "ab"),
        ("\ue000\U000e0041", "\ufffd"),
        ("::error::x", ": :error::x"),
        ("##[error]x", "## [error]x"),
        ("x ###vso[task.setvariable variable=x]y", "x ### vso[task.setvariable variable=x]y"),
        ("#\u200b#teamcity[buildStop]", "## teamcity[buildStop]"),
        ("C## and ##x", "C## and ##x"),
    ],
)
def test_by_example(text, told):
    assert one_line(text) == told


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "\x1b", "a\0", "\ud800", "n" * 101, "\u4e00" * 67])
def test_what_is_no_single_entry_of_a_directory(name):
    assert not is_part_of_path(name)


@pytest.mark.parametrize("name", ["embedding-scaling", "a b", "..a", "[x]*", "caf\udce9", "n" * 100, "\u4e00" * 66])
def test_what_is_one(name):
    assert is_part_of_path(name)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary() | ANYTHING.map(lambda text: text.encode("utf-8", "replace")), min_size=1))
def test_a_shell_reads_the_words_that_were_typed(words):
    names = [os.fsdecode(word.replace(b"\0", b"")) for word in words]
    line = shell_line(names)
    assert one_line(line) == line
    script = b"printf '%s\\0' " + line.encode()
    read = subprocess.run(["bash", "--norc"], input=script, capture_output=True, check=True, env={"LC_ALL": "C"})
    assert read.stdout.split(b"\0")[:-1] == [os.fsencode(name) for name in names]


def test_ordinary_words_stand_in_a_shell_as_anywhere():
    words = ["run", "--out", "my results.jsonl", "it's", "caf\udce9.txt", "a\nb"]
    assert shell_line(words) == "run --out 'my results.jsonl' 'it'\"'\"'s' $'caf\\351.txt' $'a\\012b'"


def test_a_long_text_loses_its_middle():
    assert without_middle("a crash: abc", 12) == "a crash: abc"
    assert without_middle("a crash: " + "x" * 20 + " out of memory", 12) == "a cras ... memory"
