"""Journals: what is written survives, what is torn is cut, what is damaged is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embbench.cases.case import Case
from embbench.errors import FileError
from embbench.store.journal import Journal, read_rounds
from embbench.store.round import Round, decode, encode

CASES = st.builds(
    Case,
    contender=st.sampled_from(["pytorch", "mine", "größe"]),
    table=st.sampled_from(["frozen", "trainable"]),
    vocab=st.integers(1, 2**40),
    tokens=st.sampled_from(["words", "corpus:a b\n.txt", "zipf:1.1"]),
    seed=st.integers(0, 9),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "er" / "j.jsonl"


def write(path: Path, *rounds: Round) -> None:
    with Journal(path) as journal:
        for round_ in rounds:
            journal.append(round_)


def test_what_is_appended_is_read_back_in_order(path, make_round):
    rounds = [make_round(round=index) for index in range(3)]
    write(path, *rounds[:2])
    write(path, rounds[2])
    assert read_rounds([path]) == (rounds, [])
    assert read_rounds([path, path])[0] == rounds * 2


def test_each_line_is_on_disk_when_append_returns(path, make_round):
    with Journal(path) as journal:
        journal.append(make_round())
        assert path.read_bytes() == encode(make_round())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    case=CASES, seconds=st.just(0.0) | st.floats(1e-30, 1e30) | st.floats(-1e30, -1e-30), reason=st.none() | st.text()
)
def test_a_round_survives_json(make_round, case, seconds, reason):
    round_ = make_round(case, seconds, reason=reason)
    line = encode(round_)
    assert line.count(b"\n") == 1
    assert decode(line, "here") == round_


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(data=st.data())
def test_cut_at_any_byte_every_whole_line_survives_and_appending_goes_on(tmp_path, make_round, data):
    rounds = [make_round(round=index, reason="ä\n" * index) for index in range(3)]
    whole = b"".join(map(encode, rounds))
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path / "cut.jsonl"
    path.write_bytes(whole[:cut])
    # A line that lost only its newline is whole too.
    kept = [r for i, r in enumerate(rounds) if cut >= sum(len(encode(r)) for r in rounds[: i + 1]) - 1]
    with Journal(path) as journal:
        assert list(journal.rounds) == kept
        torn = cut not in [sum(len(encode(r)) for r in kept), sum(len(encode(r)) for r in kept) - 1]
        assert bool(journal.warnings) == torn
        journal.append(rounds[0])
    assert read_rounds([path]) == ([*kept, rounds[0]], [])


def test_a_torn_last_line_is_a_warning_to_readers(path, make_round):
    write(path, make_round())
    path.write_bytes(path.read_bytes() + encode(make_round())[:50])
    rounds, (warning,) = read_rounds([path])
    assert rounds == [make_round()]
    assert "the last line is torn" in warning
    assert str(path) in warning


def test_zeros_of_a_power_cut_count_as_torn(path, make_round):
    write(path, make_round())
    path.write_bytes(path.read_bytes() + bytes(100))
    with Journal(path) as journal:
        assert len(journal.rounds) == 1
    assert read_rounds([path]) == ([make_round()], [])


def test_a_flipped_byte_in_the_middle_is_named_by_line(path, make_round):
    write(path, make_round(), make_round(round=1), make_round(round=2))
    first = len(encode(make_round()))
    data = bytearray(path.read_bytes())
    data[first + 60] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"j\.jsonl line 2: .*restore the file, or delete that line"):
        read_rounds([path])
    with pytest.raises(FileError, match=r"line 2"), Journal(path):
        pass
    assert path.read_bytes() == data


def test_a_foreign_schema_is_refused(path, make_round):
    path.parent.mkdir(parents=True)
    path.write_bytes(encode(make_round()).replace(b'{"schema":1,', b'{"schema":99,'))
    with pytest.raises(FileError, match="line 1: schema 99"):
        read_rounds([path])


@pytest.mark.parametrize("content", [b"no newline at the end", b"two\nlines", b"{}", b"\xff\xfe"])
def test_a_file_of_someone_else_is_left_alone(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(FileError, match="not a line that embbench wrote"), Journal(path):
        pass
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"\n", b'{"schema":1,"ru'])
def test_a_file_without_rounds_says_so(tmp_path, content):
    path = tmp_path / "e.jsonl"
    path.write_bytes(content)
    with pytest.raises(FileError, match="no rounds in it"):
        read_rounds([path])
    with Journal(path) as journal:
        assert journal.rounds == ()


def test_an_empty_file_among_others_is_a_warning(path, tmp_path, make_round):
    write(path, make_round())
    empty = tmp_path / "e.jsonl"
    empty.touch()
    assert read_rounds([empty, path]) == ([make_round()], [f"{empty}: the file has no rounds"])
    with pytest.raises(FileError, match=r"e\.jsonl, .*e\.jsonl: no rounds in them; `embbench run --out .*` measures"):
        read_rounds([empty, empty])


def test_a_journal_that_nothing_was_written_to_leaves_no_file(path, tmp_path):
    write(path)
    assert not path.exists()
    mine = tmp_path / "mine.jsonl"
    mine.touch()
    write(mine)
    assert mine.exists()


def test_missing_file_and_directory_are_told_apart(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        read_rounds([tmp_path / "gone.jsonl"])
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        read_rounds([tmp_path])
    with pytest.raises(FileError, match="is a directory; name a file in it"), Journal(tmp_path):
        pass


@pytest.mark.parametrize("path", ["/proc/embbench/j.jsonl", "{tmp}/file/j.jsonl"])
def test_a_directory_that_cannot_be_made(tmp_path, path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot make its directory"), Journal(Path(path.format(tmp=tmp_path))):
        pass


OPENS = """
import sys
from pathlib import Path
from embbench.store.journal import Journal
Journal(Path(sys.argv[1])).__enter__()
"""


def test_a_second_writer_is_told_who_holds_the_file(path, make_round):
    with Journal(path) as journal:
        second = subprocess.run([sys.executable, "-c", OPENS, str(path)], capture_output=True, text=True)
        assert f"another embbench writes to it (process {os.getpid()} on " in second.stderr
        journal.append(make_round())
    write(path, make_round(round=1))
    assert len(read_rounds([path])[0]) == 2


FULL = """
import resource, sys
from pathlib import Path
from embbench.errors import FileError
from embbench.store.journal import Journal, read_rounds
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
round_ = read_rounds([path])[0][0]
with Journal(path) as journal:
    try:
        journal.append(round_)
    except FileError as error:
        print(error)
"""


def test_a_write_that_stops_half_way_is_taken_back(path, make_round):
    write(path, make_round())
    before = path.read_bytes()
    limit = str(len(before) + 100)
    run = subprocess.run([sys.executable, "-c", FULL, str(path), limit], capture_output=True, text=True, check=True)
    assert "this round could not be saved: File too large; all rounds before it are safe" in run.stdout
    assert path.read_bytes() == before
    write(path, make_round(round=1))
    assert len(read_rounds([path])[0]) == 2


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_directory_that_takes_no_files_is_not_called_a_lock():
    with pytest.raises(FileError, match="cannot be written there"), Journal(Path("/proc/results.jsonl")):
        pass


@pytest.mark.parametrize("facts", [{"memory": "25 GB"}, {"cpus": True}, {"devices": "none"}, {"cpu": ["a"]}])
def test_a_machine_that_no_embbench_tells_of_is_refused(tmp_path, make_round, facts):
    path = tmp_path / "r.jsonl"
    path.write_bytes(encode(make_round(machine=facts)))
    with pytest.raises(FileError, match="not a round"):
        read_rounds([path])
