"""Files that streams are drawn from: known by content, read as a stream, refused in one line."""

import os
import socket
import subprocess
import sys

import pytest

from embbench.cases.sources import BLOCK, Reader, find_source, same_content, texts
from embbench.cases.tokens import parse_tokens
from embbench.errors import UsageError


def put(path, content="the cat and the dog"):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_same_content_is_the_same_stream(tmp_path):
    (tmp_path / "deep").mkdir()
    one, other = put(tmp_path / "a#b.txt"), put(tmp_path / "deep" / "other")
    (tmp_path / "link").symlink_to(one)
    spellings = [one, other, tmp_path / "link", tmp_path / "deep" / ".." / "a#b.txt"]
    streams = {find_source(f"corpus:{path}").stream for path in spellings}
    (stream,) = streams
    assert parse_tokens(stream).canonical == stream
    put(one, "the cat and the dox")
    assert find_source(f"corpus:{one}").stream != stream
    assert find_source(f"texts:{other}").stream == stream.replace("corpus", "texts")
    assert find_source(f"texts:left:{other}").stream == stream.replace("corpus", "texts:left")
    assert find_source("words") is None


@pytest.mark.parametrize("end", ["#1a2b3c4d", "#0123456789abcdef"])
def test_a_name_may_end_in_what_looks_like_a_digest(tmp_path, end):
    stream = find_source(f"corpus:{put(tmp_path / 'plain.txt')}").stream
    named = put(tmp_path / f"notes{end}")
    assert find_source(f"corpus:{named}").stream == stream
    assert find_source(f"corpus:{named}#{parse_tokens(stream).digest}").stream == stream
    with pytest.raises(UsageError, match="no longer 00000000"):
        find_source(f"corpus:{named}#00000000")


def test_a_name_that_begins_with_a_direction_is_told_how_to_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "left:x.txt")
    with pytest.raises(UsageError, match=r"for the file left:x.txt write --tokens texts:\./left:x\.txt"):
        find_source("texts:left:x.txt")
    assert find_source("texts:./left:x.txt").stream.startswith("texts#")
    put(tmp_path / "x.txt")
    assert find_source("texts:left:x.txt").stream.startswith("texts:left#")


def test_a_digest_is_held_to(tmp_path):
    text = put(tmp_path / "a.txt")
    digest = parse_tokens(find_source(f"corpus:{text}").stream).digest
    for told in (digest, digest[:8]):
        assert find_source(f"corpus:{text}#{told}").stream == f"corpus#{digest}"
    put(text, "another one")
    with pytest.raises(UsageError, match=rf"the content is [0-9a-f]{{8}} and no longer {digest[:8]}"):
        find_source(f"corpus:{text}#{digest[:8]}")
    with pytest.raises(UsageError, match="without a file; name the file: corpus:FILE"):
        find_source(f"corpus#{digest}")


def test_what_is_known_of_a_file(tmp_path):
    source = find_source(f"texts:{put(tmp_path / 'a.txt', 'the cat' + chr(10) + chr(10) + 'the dog 日本' + chr(10))}")
    assert (source.tokens, source.unspaced, source.lines) == (6, 2, 3)
    assert source.different in (5, 6)
    assert "33% of the tokens are of scripts without spaces" in source.warning
    assert "--tokens ids:FILE" in source.warning
    assert find_source(f"texts:{put(tmp_path / 'b.txt')}").warning == ""
    ids = find_source(f"ids:{put(tmp_path / 'c.txt', '1 2' + chr(10) + '3')}")
    assert (ids.tokens, ids.warning) == (3, "")


@pytest.mark.parametrize("kind", ["corpus", "texts", "ids"])
def test_what_is_no_file_of_text_is_refused_at_once(tmp_path, kind):
    os.mkfifo(tmp_path / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket"))
    for name, told in (
        (tmp_path / "pipe", "is a pipe"),
        (tmp_path, "is a directory"),
        (tmp_path / "socket", "is a socket"),
        ("/dev/zero", "is a device"),
        (tmp_path / "gone", "No such file"),
        (tmp_path / ("x" * 300), "name too long"),
    ):
        with pytest.raises(UsageError, match=told):
            find_source(f"{kind}:{name}")
    listening.close()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file has no words"),
        (b" \n...\n", "the file has no words"),
        (b"caf\xe9", "not UTF-8 at byte 3"),
        (b"a" * (BLOCK - 1) + b"\xc3\xa9" + b" \xff", f"not UTF-8 at byte {BLOCK + 2}"),
        (b"a \xc3", "not UTF-8 at byte 2"),
        ("the".encode("utf-16"), "not UTF-8 at byte 0"),
        ("the cat".encode("utf-16-le"), "50% zero bytes, as in UTF-16"),
        ("the cat".encode("utf-32-be"), "75% zero bytes"),
    ],
)
def test_a_bad_text_is_one_line(tmp_path, content, told):
    with pytest.raises(UsageError, match=told):
        find_source(f"corpus:{put(tmp_path / 'a.txt', content)}")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no ids"),
        ("1 2\n3 x 4", "line 2: 'x' is no id"),
        ("1\n" * 40_000 + "-5", "line 40001: '-5'"),
        ("1 2.5", "line 1: '2.5'"),
        ("1_000", "'1_000'"),
        ("٢", "is no id"),
        ("9" * 30, "is no id"),
        ("9" * 200_000, "line 1"),
        ("1,2,3", "'1,2,3'"),
    ],
)
def test_a_bad_file_of_ids_is_one_line(tmp_path, content, told):
    with pytest.raises(UsageError, match=told) as error:
        find_source(f"ids:{put(tmp_path / 'a.txt', content)}")
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("space", [" ", "\n", "\r", "\t", "\v", "\f"])
def test_no_block_cuts_an_id(tmp_path, space):
    source = find_source(f"ids:{put(tmp_path / 'a.txt', space.join(['1234567'] * BLOCK))}")
    assert source.tokens == BLOCK


def test_a_stray_zero_byte_in_a_text_parts_two_words(tmp_path):
    assert find_source(f"corpus:{put(tmp_path / 'a.txt', 'the cat and' + chr(0) + 'the dog')}").tokens == 5


def test_a_name_that_is_no_text_is_shown_and_read(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(path, "wb") as file:  # noqa: PTH123 - a Path holds no bytes
        file.write(b"the cat")
    source = find_source("corpus:" + os.fsdecode(path))
    assert (source.path, source.name.endswith("caf\\xe9.txt")) == (path, True)


def test_a_mark_at_the_beginning_is_no_part_of_the_text(tmp_path):
    path = put(tmp_path / "a.txt", b"\xef\xbb\xbfthe the")
    assert "".join(texts(Reader("corpus", os.fsencode(path)))) == "the the"
    assert find_source(f"corpus:{path}").different <= 2
    assert find_source(f"ids:{put(tmp_path / 'b.txt', bytes([0xEF, 0xBB, 0xBF]) + b'7')}").tokens == 1


def test_which_streams_of_results_a_file_is(tmp_path):
    text = put(tmp_path / "a.txt")
    stream = find_source(f"corpus:{text}").stream
    digest = parse_tokens(stream).digest
    old = f"corpus:elsewhere.txt#{digest[:8]}"
    known = [stream, old, f"texts#{digest}", "corpus:elsewhere.txt#00000000", "words", "no stream"]
    assert same_content(f"corpus:{text}", known) == [stream, old]
    assert same_content(old, known) == [old]
    assert same_content(stream, known) == [stream]
    assert same_content("words:ranked", known) == ["words"]
    assert same_content("uniform", known) == []


def test_reading_takes_no_memory_of_the_size_of_the_file(tmp_path):
    """A word of 20 MB, then lines: in a process of its own, whose peak tells."""
    with (tmp_path / "a.txt").open("w") as file:
        for _ in range(20):
            file.write("a" * 1_000_000)
        for number in range(50_000):
            file.write(f"\nword{number % 20_000}")
    code = (
        "import sys; from embbench.cases.sources import find_source; from embbench.host.memory import *;"
        "import regex; before = resident_bytes(); found = find_source(sys.argv[1]);"
        "print(peak_bytes() - before, found.tokens)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, f"corpus:{tmp_path / 'a.txt'}"], capture_output=True, text=True, check=True
    )
    grown, tokens = map(int, told.stdout.split())
    assert tokens > 50_000
    assert grown < 15_000_000
